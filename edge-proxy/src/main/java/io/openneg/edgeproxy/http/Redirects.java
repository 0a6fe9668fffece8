package io.openneg.edgeproxy.http;

import io.openneg.edgeproxy.routing.PathRule;
import io.openneg.edgeproxy.routing.RouteAction.Redirect;

/** Where a redirect leads. Pure. */
final class Redirects {

  private Redirects() {}

  /** The value of the Location header; requests come in by http only. */
  static String location(Redirect redirect, PathRule matched, RequestTarget target) {
    String scheme = redirect.scheme() == null ? "http" : redirect.scheme();
    String host = redirect.host() == null ? target.host() : redirect.host();
    String path = redirect.path() == null ? path(redirect, matched, target) : redirect.path();
    String query = redirect.stripQuery() || path.indexOf('?') >= 0 ? "" : target.query();
    return scheme + "://" + host + port(redirect, target) + path + query;
  }

  private static String path(Redirect redirect, PathRule matched, RequestTarget target) {
    return redirect.pathPrefix() == null
        ? target.path()
        : matched.replace(target.path(), redirect.pathPrefix());
  }

  private static String port(Redirect redirect, RequestTarget target) {
    if (redirect.port() != 0) {
      return ":" + redirect.port();
    }
    if (redirect.host() != null) {
      return "";
    }
    // The default port of http is not one of https.
    boolean schemeChanges = redirect.scheme() != null && !redirect.scheme().equals("http");
    return schemeChanges && target.portSuffix().equals(":80") ? "" : target.portSuffix();
  }
}
