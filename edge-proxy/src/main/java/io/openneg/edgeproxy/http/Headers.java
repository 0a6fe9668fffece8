package io.openneg.edgeproxy.http;

import io.openneg.edgeproxy.config.HttpOptions;
import io.openneg.edgeproxy.routing.HeaderChanges;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;

/** What a proxy does to header fields on their way through, see RFC 9110, 7.6. Pure. */
final class Headers {

  /** They are about one connection, and so they end where it ends. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** Naming them in Connection must not make a request or response another one. */
  private static final Set<String> NOT_NOMINATED =
      Set.of("content-length", "host", "authorization", "content-type");

  private static final ThreadLocal<SplittableRandom> RANDOM =
      ThreadLocal.withInitial(SplittableRandom::new);

  private Headers() {}

  /** Copies all fields but those that are about the connection. */
  static void copyEndToEnd(MultiMap from, MultiMap to) {
    Set<String> nominated = nominated(from);
    for (Map.Entry<String, String> field : from) {
      String name = field.getKey().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name) && !nominated.contains(name)) {
        to.add(field.getKey(), field.getValue());
      }
    }
  }

  private static Set<String> nominated(MultiMap headers) {
    Set<String> options = connectionOptions(headers);
    return options.isEmpty() ? options : without(options, NOT_NOMINATED);
  }

  private static Set<String> without(Set<String> names, Set<String> others) {
    Set<String> left = new TreeSet<>(names);
    left.removeAll(others);
    return left;
  }

  private static Set<String> connectionOptions(MultiMap headers) {
    List<String> values = headers.getAll("connection");
    if (values.isEmpty()) {
      return Set.of();
    }
    Set<String> options = new TreeSet<>();
    for (String value : values) {
      for (String option : value.split(",", -1)) {
        options.add(option.strip().toLowerCase(Locale.ROOT));
      }
    }
    return options;
  }

  /**
   * Whether the sender closes the connection after this message; Vert.x sees that only if it stands
   * alone.
   */
  static boolean announcesClose(MultiMap headers) {
    return connectionOptions(headers).contains("close");
  }

  /**
   * Says on whose behalf a request is forwarded, as Envoy does.
   *
   * @param remoteIp address of the client's connection
   * @param scheme http or https, as the client has spoken
   */
  static void addForwarded(MultiMap headers, HttpOptions options, String remoteIp, String scheme) {
    if (options.useRemoteAddress()) {
      if (!options.skipXffAppend()) {
        List<String> hops = new ArrayList<>(headers.getAll("x-forwarded-for"));
        hops.add(remoteIp);
        headers.set("x-forwarded-for", String.join(", ", hops));
      }
      headers.set("x-forwarded-proto", scheme);
    } else if (!headers.contains("x-forwarded-proto")) {
      headers.set("x-forwarded-proto", scheme);
    }
    if (options.generateRequestId() && !headers.contains("x-request-id")) {
      headers.set("x-request-id", requestId());
    }
  }

  private static String requestId() {
    SplittableRandom random = RANDOM.get();
    long high = (random.nextLong() & ~0xf000L) | 0x4000L;
    long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    return new UUID(high, low).toString();
  }

  /** Applies what a route says of header fields. */
  static void change(MultiMap headers, List<HeaderChanges> changes) {
    for (HeaderChanges change : changes) {
      change.remove().forEach(headers::remove);
      for (HeaderChanges.Addition field : change.add()) {
        switch (field.mode()) {
          case APPEND -> headers.add(field.name(), field.value());
          case OVERWRITE -> headers.set(field.name(), field.value());
          case ADD_IF_ABSENT -> {
            if (!headers.contains(field.name())) {
              headers.set(field.name(), field.value());
            }
          }
          case OVERWRITE_IF_EXISTS -> {
            if (headers.contains(field.name())) {
              headers.set(field.name(), field.value());
            }
          }
        }
      }
    }
  }

  /** Sets the Server field of a response, whoever made it. */
  static void addServer(MultiMap headers, HttpOptions options) {
    switch (options.serverHeader()) {
      case OVERWRITE -> headers.set("server", options.serverName());
      case APPEND_IF_ABSENT -> {
        if (!headers.contains("server")) {
          headers.set("server", options.serverName());
        }
      }
      case PASS_THROUGH -> {}
    }
  }

  /** Whether the framing of a request says that a body follows. */
  static boolean hasBody(MultiMap headers) {
    String length = headers.get("content-length");
    return headers.contains("transfer-encoding") || (length != null && !length.equals("0"));
  }

  /** Whether the body is coded for the connection in a way that cannot be passed on. */
  static boolean hasUnknownTransferCoding(MultiMap headers) {
    return headers.getAll("transfer-encoding").stream()
        .anyMatch(coding -> !coding.strip().equalsIgnoreCase("chunked"));
  }

  /** Whether another protocol is asked for; the offer of HTTP/2 in clear text may be ignored. */
  static boolean asksForUpgrade(MultiMap headers) {
    return headers.getAll("upgrade").stream()
        .anyMatch(protocol -> !protocol.strip().equalsIgnoreCase("h2c"));
  }
}
