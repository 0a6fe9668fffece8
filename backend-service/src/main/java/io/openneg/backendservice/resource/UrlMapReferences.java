package io.openneg.backendservice.resource;

import io.openneg.backend.v1.PathMatcher;
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
    for (int i = 0; i < map.getPathMatchersCount(); i++) {
      found.matcher(map.getPathMatchers(i), "url_map.path_matchers[%d]".formatted(i));
    }
    return found.fields;
  }

  private void matcher(PathMatcher matcher, String at) {
    add(matcher.getDefaultService(), at + ".default_service");
    for (int i = 0; i < matcher.getPathRulesCount(); i++) {
      add(matcher.getPathRules(i).getService(), "%s.path_rules[%d].service".formatted(at, i));
    }
    for (int i = 0; i < matcher.getRouteRulesCount(); i++) {
      add(matcher.getRouteRules(i).getService(), "%s.route_rules[%d].service".formatted(at, i));
    }
  }

  private void add(String service, String field) {
    fields.putIfAbsent(service, field);
  }
}
