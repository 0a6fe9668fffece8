package io.openneg.backendservice.resource;

import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.HttpRouteRule;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What a URL map refers to: asked before a command, and kept by the view. Pure. */
public final class UrlMapReferences {
  private final SequencedMap<String, String> fields = new LinkedHashMap<>();

  private UrlMapReferences() {}

  /** Every backend service the map names, with the first field that does. */
  public static SequencedMap<String, String> services(UrlMap map) {
    UrlMapReferences found = new UrlMapReferences();
    found.add(map.getDefaultService(), "url_map.default_service");
    found.action(map.getDefaultRouteAction(), "url_map.default_route_action");
    for (int i = 0; i < map.getPathMatchersCount(); i++) {
      found.matcher(map.getPathMatchers(i), "url_map.path_matchers[%d]".formatted(i));
    }
    return found.fields;
  }

  private void matcher(PathMatcher matcher, String at) {
    add(matcher.getDefaultService(), at + ".default_service");
    action(matcher.getDefaultRouteAction(), at + ".default_route_action");
    for (int i = 0; i < matcher.getPathRulesCount(); i++) {
      PathRule rule = matcher.getPathRules(i);
      String ruleAt = "%s.path_rules[%d]".formatted(at, i);
      add(rule.getService(), ruleAt + ".service");
      action(rule.getRouteAction(), ruleAt + ".route_action");
    }
    for (int i = 0; i < matcher.getRouteRulesCount(); i++) {
      HttpRouteRule rule = matcher.getRouteRules(i);
      String ruleAt = "%s.route_rules[%d]".formatted(at, i);
      add(rule.getService(), ruleAt + ".service");
      action(rule.getRouteAction(), ruleAt + ".route_action");
    }
  }

  private void action(HttpRouteAction action, String at) {
    for (int i = 0; i < action.getWeightedBackendServicesCount(); i++) {
      add(
          action.getWeightedBackendServices(i).getBackendService(),
          "%s.weighted_backend_services[%d].backend_service".formatted(at, i));
    }
    add(
        action.getRequestMirrorPolicy().getBackendService(),
        at + ".request_mirror_policy.backend_service");
  }

  /** What is not given is no reference; whether it must be is asked elsewhere. */
  private void add(String service, String field) {
    if (!service.isEmpty()) {
      fields.putIfAbsent(service, field);
    }
  }
}
