package io.openneg.edgeproxy.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which requests or connections are written down, and what of each.
 *
 * @param cluster those that were for this one; null: all
 * @param millionths how many in a million of them
 */
public record AccessLog(@Nullable String cluster, int millionths, List<Column> columns) {
  public AccessLog {
    columns = List.copyOf(columns);
  }

  /**
   * A member of the line, which is a JSON object.
   *
   * @param text the value when there is no operator
   */
  public record Column(String name, String text, @Nullable Operator operator) {}

  /** Those of Envoy's command operators that this proxy knows. */
  public enum Operator {
    START_TIME("%START_TIME%"),
    CLIENT("%DOWNSTREAM_REMOTE_ADDRESS%"),
    ENDPOINT("%UPSTREAM_HOST%"),
    METHOD("%REQ(:METHOD)%"),
    HOST("%REQ(:AUTHORITY)%"),
    PATH("%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"),
    STATUS("%RESPONSE_CODE%"),
    FLAGS("%RESPONSE_FLAGS%"),
    BYTES_RECEIVED("%BYTES_RECEIVED%"),
    BYTES_SENT("%BYTES_SENT%"),
    /** In milliseconds. */
    DURATION("%DURATION%");

    private final String text;

    Operator(String text) {
      this.text = text;
    }

    /** The operator that a value is; empty: it is not just one of these. */
    public static Optional<Operator> of(String value) {
      for (Operator operator : values()) {
        if (operator.text.equals(value)) {
          return Optional.of(operator);
        }
      }
      return Optional.empty();
    }
  }
}
