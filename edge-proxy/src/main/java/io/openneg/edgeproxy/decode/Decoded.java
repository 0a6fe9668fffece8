package io.openneg.edgeproxy.decode;

/**
 * What became of one resource of a response.
 *
 * @param <T> the configuration it is decoded to
 */
public sealed interface Decoded<T> {

  /** Name of the resource. */
  String name();

  /** It is understood and can be used. */
  record Accepted<T>(String name, T config) implements Decoded<T> {}

  /**
   * It cannot be used.
   *
   * @param reason names the resource, the field and the rule
   */
  record Rejected<T>(String name, String reason) implements Decoded<T> {}
}
