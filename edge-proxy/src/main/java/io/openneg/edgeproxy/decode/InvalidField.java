package io.openneg.edgeproxy.decode;

/** A field of a resource has a value that breaks a rule, or is one that is not supported. */
final class InvalidField extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String path;
  private final String rule;

  /**
   * @param path the field, such as {@code filter_chains[0].filters}
   * @param rule what is wrong with it
   */
  InvalidField(String path, String rule) {
    super(path + ": " + rule, null, false, false);
    this.path = path;
    this.rule = rule;
  }

  /**
   * The same, seen from the message that holds the one in which it was found. Paths are put
   * together on the way out, so that they cost nothing as long as all is well.
   */
  InvalidField within(String outer) {
    return new InvalidField(outer + "." + path, rule);
  }
}
