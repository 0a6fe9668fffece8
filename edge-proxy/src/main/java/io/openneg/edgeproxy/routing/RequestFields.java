package io.openneg.edgeproxy.routing;

import org.jspecify.annotations.Nullable;

/** What routes look at in a request, besides its authority. */
public interface RequestFields {

  /** Never empty, without query string. */
  String path();

  /** What stands behind the "?", or "". */
  String query();

  /**
   * A header field; several of one name are one value, joined by ",".
   *
   * @param name in lower case, or ":method", ":authority", ":path"
   * @return null without one
   */
  @Nullable String header(String name);

  /** The first value of a query parameter as it was sent, or null without one. */
  default @Nullable String parameter(String name) {
    String query = query();
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
}
