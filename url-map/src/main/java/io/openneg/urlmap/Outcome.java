package io.openneg.urlmap;

import io.openneg.backend.v1.HttpRedirectAction;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.UrlRewrite;
import java.util.List;

/** What becomes of a request. Immutable. */
public sealed interface Outcome {
  /** Where the backend service is asked, or where the client is sent: host, path and query. */
  Url url();

  /**
   * A URL.
   *
   * @param https whether it must be https; else the scheme is the request's
   * @param rest host, path and query, without "//"
   */
  record Url(boolean https, String rest) {
    @Override
    public String toString() {
      return (https ? "https://" : "http://") + rest;
    }
  }

  /**
   * A backend service that a request may go to.
   *
   * @param weight more than 0; beside those of the others, its share of the requests
   */
  record Target(String service, long weight) {}

  /**
   * It goes to a backend service.
   *
   * @param targets those it may be, one unless there are weights
   * @param action what else is done with it on the way
   */
  record Forward(List<Target> targets, HttpRouteAction action, Url url) implements Outcome {
    public Forward {
      targets = List.copyOf(targets);
    }

    /** Names of the backend services it may go to. */
    public List<String> services() {
      return targets.stream().map(Target::service).toList();
    }
  }

  /**
   * The client is sent elsewhere.
   *
   * @param status 301, 302, 303, 307 or 308
   */
  record Redirect(int status, Url url) implements Outcome {}

  /** Of a request that goes to a service or weighted services. */
  static Outcome forward(
      RequestHead request, String service, HttpRouteAction action, MatchedPath matched) {
    UrlRewrite rewrite = action.getUrlRewrite();
    String path = request.path();
    PathTemplate template = matched.template();
    if (!rewrite.getPathPrefixRewrite().isEmpty()) {
      path = matched.replaced(path, rewrite.getPathPrefixRewrite());
    } else if (!rewrite.getPathTemplateRewrite().isEmpty() && template != null) {
      path = template.rewrite(rewrite.getPathTemplateRewrite(), path);
    }
    String host =
        rewrite.getHostRewrite().isEmpty() ? request.authority() : rewrite.getHostRewrite();
    List<Target> targets =
        action.getWeightedBackendServicesCount() == 0
            ? List.of(new Target(service, 1))
            : action.getWeightedBackendServicesList().stream()
                .map(one -> new Target(one.getBackendService(), one.getWeight()))
                .filter(target -> target.weight() > 0)
                .toList();
    return new Forward(targets, action, new Url(false, host + path + query(request)));
  }

  /** Of a request that is redirected. */
  static Outcome redirect(RequestHead request, HttpRedirectAction action, MatchedPath matched) {
    String path = request.path();
    if (!action.getPathRedirect().isEmpty()) {
      path = action.getPathRedirect();
    } else if (!action.getPrefixRedirect().isEmpty()) {
      path = matched.replaced(path, action.getPrefixRedirect());
    }
    String host =
        action.getHostRedirect().isEmpty()
            ? authority(request, action.getHttpsRedirect())
            : action.getHostRedirect();
    return new Redirect(
        status(action.getRedirectResponseCode()),
        new Url(
            action.getHttpsRedirect(),
            host + path + (action.getStripQuery() ? "" : query(request))));
  }

  /** Port 80 is http's and does not go with https. */
  private static String authority(RequestHead request, boolean https) {
    String authority = request.authority();
    return https && authority.endsWith(":80")
        ? authority.substring(0, authority.length() - ":80".length())
        : authority;
  }

  private static String query(RequestHead request) {
    return request.query().isEmpty() ? "" : "?" + request.query();
  }

  private static int status(HttpRedirectAction.RedirectResponseCode code) {
    return switch (code) {
      case MOVED_PERMANENTLY_DEFAULT -> 301;
      case FOUND -> 302;
      case SEE_OTHER -> 303;
      case TEMPORARY_REDIRECT -> 307;
      case PERMANENT_REDIRECT -> 308;
      case UNRECOGNIZED -> throw new IllegalArgumentException("an unknown response code");
    };
  }
}
