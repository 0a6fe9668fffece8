package io.openneg.proxyconfigservice.routing;

import java.util.Comparator;

/**
 * Which row of the routing table. The text is the resource's name, with these exceptions:
 *
 * <ul>
 *   <li>ENDPOINT: {@code neg|ip:port}
 *   <li>DRAINING: {@code backend service|neg|ip:port}
 *   <li>HEALTH: the probe stream, {@code health check/targets/ip:port}
 * </ul>
 *
 * <p>No resource name contains {@code |}.
 */
public record RowKey(RowKind kind, String text) implements Comparable<RowKey> {
  private static final Comparator<RowKey> ORDER =
      Comparator.comparing(RowKey::kind).thenComparing(RowKey::text);
  private static final char SEPARATOR = '|';
  private static final String TARGETS = "/targets/";

  /** The parts of an ENDPOINT row's text. */
  public record Endpoint(String neg, EndpointAddress address) {}

  /** The parts of a DRAINING row's text. */
  public record Draining(String backendService, String neg, EndpointAddress address) {}

  /** The parts of a HEALTH row's text. */
  public record Target(String healthCheck, EndpointAddress address) {}

  public static RowKey endpoint(String neg, EndpointAddress address) {
    return new RowKey(RowKind.ENDPOINT, endpointPrefix(neg) + address);
  }

  /** How the text of every ENDPOINT row of a group begins. */
  public static String endpointPrefix(String neg) {
    return neg + SEPARATOR;
  }

  public static RowKey draining(String backendService, String neg, EndpointAddress address) {
    return new RowKey(RowKind.DRAINING, backendService + SEPARATOR + neg + SEPARATOR + address);
  }

  /**
   * @throws IllegalArgumentException when the text is not of that form
   */
  public Endpoint asEndpoint() {
    int at = text.indexOf(SEPARATOR);
    require(at > 0);
    return new Endpoint(text.substring(0, at), EndpointAddress.parse(text.substring(at + 1)));
  }

  /**
   * @throws IllegalArgumentException when the text is not of that form
   */
  public Draining asDraining() {
    int first = text.indexOf(SEPARATOR);
    int second = text.indexOf(SEPARATOR, first + 1);
    require(first > 0 && second > 0);
    return new Draining(
        text.substring(0, first),
        text.substring(first + 1, second),
        EndpointAddress.parse(text.substring(second + 1)));
  }

  /**
   * @throws IllegalArgumentException when the text is not of that form
   */
  public Target asTarget() {
    int at = text.lastIndexOf(TARGETS);
    require(at > 0);
    return new Target(
        text.substring(0, at), EndpointAddress.parse(text.substring(at + TARGETS.length())));
  }

  private void require(boolean wellFormed) {
    if (!wellFormed) {
      throw new IllegalArgumentException("malformed key of a row: " + this);
    }
  }

  @Override
  public int compareTo(RowKey other) {
    return ORDER.compare(this, other);
  }
}
