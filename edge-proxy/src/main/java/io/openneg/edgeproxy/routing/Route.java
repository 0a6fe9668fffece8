package io.openneg.edgeproxy.routing;

import java.util.List;

/**
 * One route of a virtual host; the first one of which all rules match is taken.
 *
 * @param responseHeaders changes of answers by this proxy, one after the other; those of a
 *     cluster's are {@link WeightedCluster#responseHeaders}
 */
public record Route(
    PathRule path,
    List<FieldRule> fields,
    RouteAction action,
    List<HeaderChanges> responseHeaders) {
  public Route {
    fields = List.copyOf(fields);
    responseHeaders = List.copyOf(responseHeaders);
  }

  boolean matches(RequestFields request) {
    if (!path.matches(request.path())) {
      return false;
    }
    for (FieldRule field : fields) {
      if (!field.matches(request)) {
        return false;
      }
    }
    return true;
  }
}
