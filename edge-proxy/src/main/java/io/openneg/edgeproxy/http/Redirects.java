package io.openneg.edgeproxy.http;

import io.openneg.edgeproxy.routing.PathRule;
import io.openneg.edgeproxy.routing.RouteAction.Redirect;

/** Where a redirect leads. Pure. */
final class Redirects {

  private Redirects() {}

  /**
   * The value of the Location header.
   *
   * @param spoken http or https, as the request came in
   */
  static String location(Redirect redirect, PathRule matched, RequestTarget target, String spoken) {
    String scheme = redirect.scheme() == null ? spoken : redirect.scheme();
    String host = redirect.host() == null ? target.host() : redirect.host();
    String path = redirect.path() == null ? path(redirect, matched, target) : redirect.path();
    String query = redirect.stripQuery() || path.indexOf('?') >= 0 ? "" : target.query();
    return scheme + "://" + host + port(redirect, target, spoken) + path + query;
  }

  private static String path(Redirect redirect, PathRule matched, RequestTarget target) {
    return redirect.pathPrefix() == null
        ? target.path()
        : matched.replace(target.path(), redirect.pathPrefix());
  }

  private static String port(Redirect redirect, RequestTarget target, String spoken) {
    if (redirect.port() != 0) {
      return ":" + redirect.port();
    }
    if (redirect.host() != null) {
      return "";
    }
    // The default port of one scheme is not one of the other.
    boolean schemeChanges = redirect.scheme() != null && !redirect.scheme().equals(spoken);
    String usual = spoken.equals("https") ? ":443" : ":80";
    return schemeChanges && target.portSuffix().equals(usual) ? "" : target.portSuffix();
  }
}
