package io.openneg.urlmap;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a URL map looks at in a request. Immutable.
 *
 * @param host in lower case, without port
 * @param path without query and fragment
 * @param query what stands between "?" and "#"; empty when nothing does
 * @param headers by lower-case name, with ":authority", ":path" and ":method"; several of one name
 *     are one value, joined by ","
 */
public record RequestHead(String host, String path, String query, Map<String, String> headers) {
  private static final String GET = "GET";

  /** A header as it was sent. */
  public record Header(String name, String value) {}

  public RequestHead {
    headers = Map.copyOf(headers);
  }

  /** A GET without further headers. */
  public static RequestHead of(String authority, String target) {
    return of(authority, target, List.of());
  }

  /**
   * @param authority a host in any case, with or without port
   * @param target a path, maybe with query and fragment, which are not part of it (compute v1)
   * @param sent further headers; ":method" is GET unless it is among them
   */
  public static RequestHead of(String authority, String target, List<Header> sent) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : sent) {
      headers.merge(header.name().toLowerCase(Locale.ROOT), header.value(), (a, b) -> a + "," + b);
    }
    headers.putIfAbsent(":method", GET);
    headers.put(":authority", authority);
    headers.put(":path", target);
    int end = target.indexOf('#') < 0 ? target.length() : target.indexOf('#');
    int question = target.substring(0, end).indexOf('?');
    return new RequestHead(
        withoutPort(authority).toLowerCase(Locale.ROOT),
        target.substring(0, question < 0 ? end : question),
        question < 0 ? "" : target.substring(question + 1, end),
        headers);
  }

  /** As it was sent, without fragment. */
  public Outcome.Url url() {
    return new Outcome.Url(false, authority() + path + (query.isEmpty() ? "" : "?" + query));
  }

  /** The port of the authority, or -1 without one. */
  public int port() {
    String authority = authority();
    String host = withoutPort(authority);
    String port = authority.substring(Math.min(authority.length(), host.length() + 1));
    return port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : -1;
  }

  /** The host as it was sent. */
  String authority() {
    return headers.getOrDefault(":authority", host);
  }

  /** The first value of a query parameter as it was sent, or null without one. */
  @Nullable String parameter(String name) {
    int from = 0;
    while (from < query.length()) {
      int end = query.indexOf('&', from);
      end = end < 0 ? query.length() : end;
      int equals = query.indexOf('=', from);
      boolean hasValue = equals >= 0 && equals < end;
      if (query.substring(from, hasValue ? equals : end).equals(name)) {
        return hasValue ? query.substring(equals + 1, end) : "";
      }
      from = end + 1;
    }
    return null;
  }

  /** The colons of "[::1]" are no port's. */
  private static String withoutPort(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
  }
}
