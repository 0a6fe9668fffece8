package io.openneg.negservice.inventory.resource;

import io.openneg.serviceruntime.api.Violations;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** What is true of the contents of every resource of the inventory. */
public final class Contents {
  public static final int MAX_DESCRIPTION = 2_048;
  private static final int MAX_LABELS = 64;
  private static final int MAX_LABEL_BYTES = 16_384;

  private Contents() {}

  public static void checkDescription(String description, String field, Violations violations) {
    violations.check(
        description.length() <= MAX_DESCRIPTION,
        field,
        "must have at most %d characters, has %d".formatted(MAX_DESCRIPTION, description.length()));
  }

  public static void checkLabels(Map<String, String> labels, String field, Violations violations) {
    violations.check(
        labels.size() <= MAX_LABELS,
        field,
        "must have at most %d entries, has %d".formatted(MAX_LABELS, labels.size()));
    violations.check(!labels.containsKey(""), field, "must have no empty key");
    int bytes =
        labels.entrySet().stream()
            .mapToInt(
                label ->
                    label.getKey().getBytes(StandardCharsets.UTF_8).length
                        + label.getValue().getBytes(StandardCharsets.UTF_8).length)
            .sum();
    violations.check(
        bytes <= MAX_LABEL_BYTES,
        field,
        "must have at most %d bytes in keys and values together, has %d"
            .formatted(MAX_LABEL_BYTES, bytes));
  }

  public static String token(String stream, long version) {
    return stream + "@" + version;
  }

  /** Positive, for languages without unsigned numbers; the tables refuse one that is taken. */
  public static long newId() {
    return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
  }
}
