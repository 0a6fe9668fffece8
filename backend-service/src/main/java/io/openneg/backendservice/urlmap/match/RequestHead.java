package io.openneg.backendservice.urlmap.match;

import java.util.Locale;

/**
 * What a URL map looks at in a request. Immutable.
 *
 * @param host in lower case, without port
 * @param path without query and fragment
 */
public record RequestHead(String host, String path) {

  /**
   * @param authority a host in any case, with or without port
   * @param target a path; what follows a '?' or '#' is not part of it (compute v1)
   */
  public static RequestHead of(String authority, String target) {
    return new RequestHead(withoutPort(authority).toLowerCase(Locale.ROOT), path(target));
  }

  private static String path(String target) {
    for (int i = 0; i < target.length(); i++) {
      if (target.charAt(i) == '?' || target.charAt(i) == '#') {
        return target.substring(0, i);
      }
    }
    return target;
  }

  /** The colons of "[::1]" are no port's. */
  private static String withoutPort(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
  }
}
