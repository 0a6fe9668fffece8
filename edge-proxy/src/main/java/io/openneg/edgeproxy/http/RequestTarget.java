package io.openneg.edgeproxy.http;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a request wants to go, see RFC 9112, 3.2. Pure.
 *
 * @param authority value for the Host header
 * @param path never empty, without the query string
 * @param uri path and query string, as it is sent upstream
 */
record RequestTarget(String authority, String path, String uri) {

  /**
   * Reads the target of a request line.
   *
   * @param hosts values of the Host headers
   * @return null where the request is no valid one for a proxy
   */
  static @Nullable RequestTarget of(String target, List<String> hosts) {
    if (hosts.size() != 1 || hosts.getFirst().isBlank() || target.indexOf('#') >= 0) {
      return null;
    }
    if (target.startsWith("/")) {
      return origin(hosts.getFirst(), target);
    }
    // An absolute form has precedence over the Host header.
    int start = target.toLowerCase(Locale.ROOT).startsWith("http://") ? 7 : -1;
    if (start < 0) {
      return null;
    }
    int end = start;
    while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    if (end == start) {
      return null;
    }
    String uri = target.substring(end);
    return origin(target.substring(start, end), uri.startsWith("/") ? uri : "/" + uri);
  }

  private static RequestTarget origin(String authority, String uri) {
    int query = uri.indexOf('?');
    return new RequestTarget(authority, query < 0 ? uri : uri.substring(0, query), uri);
  }

  /**
   * The target with another path or authority.
   *
   * @param newAuthority null: it stays
   */
  RequestTarget rewritten(@Nullable String newAuthority, String newPath) {
    return new RequestTarget(
        newAuthority == null ? authority : newAuthority, newPath, newPath + query());
  }

  /** The query string with its "?", or "". */
  String query() {
    return uri.substring(path.length());
  }

  /** The authority without its port. */
  String host() {
    int colon = authority.lastIndexOf(':');
    return colon < 0 || colon < authority.indexOf(']') ? authority : authority.substring(0, colon);
  }

  /** ":" and the port as the client wrote it, or "". */
  String portSuffix() {
    return authority.substring(host().length());
  }
}
