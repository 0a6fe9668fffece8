package io.openneg.negservice.neg;

import io.openneg.serviceruntime.api.Violations;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much a caller may note on a group or an endpoint. compute v1 names no limits; these keep an
 * event far below what Kafka takes, and a call with 10,000 annotated endpoints below what the
 * server takes.
 */
enum Annotations {
  OF_GROUP(64, 16_384),
  OF_ENDPOINT(16, 1_024);

  private final int maxEntries;
  private final int maxBytes;

  Annotations(int maxEntries, int maxBytes) {
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
  }

  void check(Map<String, String> annotations, String field, Violations violations) {
    if (annotations.isEmpty()) {
      return;
    }
    violations.check(
        annotations.size() <= maxEntries,
        field,
        "must have at most %d entries, has %d".formatted(maxEntries, annotations.size()));
    int bytes = 0;
    boolean storable = true;
    for (var entry : annotations.entrySet()) {
      bytes += utf8(entry.getKey()) + utf8(entry.getValue());
      storable &= isStorable(entry.getKey()) && isStorable(entry.getValue());
    }
    violations.check(
        bytes <= maxBytes,
        field,
        "must have at most %d bytes in keys and values together, has %d"
            .formatted(maxBytes, bytes));
    violations.check(!annotations.containsKey(""), field, "must have no empty key");
    violations.check(storable, field, "must have no character U+0000");
  }

  /** PostgreSQL has no text with a NUL in it. */
  static boolean isStorable(String text) {
    return text.indexOf('\0') < 0;
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** In order of the keys, so that the same annotations always are the same bytes. */
  static Map<String, String> ordered(Map<String, String> annotations) {
    return annotations.isEmpty()
        ? Map.of()
        : Collections.unmodifiableMap(new TreeMap<>(annotations));
  }
}
