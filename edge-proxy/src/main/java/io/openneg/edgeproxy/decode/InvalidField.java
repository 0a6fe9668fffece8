package io.openneg.edgeproxy.decode;

/** A field of a resource has a value that breaks a rule, or is one that is not supported. */
final class InvalidField extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param path the field within the resource, such as {@code filter_chains[0].filters}
   * @param rule what is wrong with it
   */
  InvalidField(String path, String rule) {
    super(path + ": " + rule, null, false, false);
  }
}
