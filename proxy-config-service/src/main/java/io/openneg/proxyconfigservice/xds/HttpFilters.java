package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.HttpRouteRule;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The HTTP filters that a URL map needs. One that no rule uses is left out, so that a proxy need
 * not know it.
 */
final class HttpFilters {
  static final String CORS = "envoy.filters.http.cors";
  static final String FAULT = "envoy.filters.http.fault";

  private static final HttpFilter ROUTER =
      filter("envoy.filters.http.router", Router.getDefaultInstance());

  private HttpFilters() {}

  /** In the order in which they get a request: the router is last. */
  static List<HttpFilter> forProxies(UrlMap map) {
    List<HttpFilter> filters = new ArrayList<>();
    if (any(map, HttpFilters::needsCors)) {
      filters.add(filter(CORS, Cors.getDefaultInstance()));
    }
    filters.addAll(forProxyless(map));
    return filters;
  }

  /** A client in gRPC is no browser: it knows no CORS, and would refuse the filter. */
  static List<HttpFilter> forProxyless(UrlMap map) {
    List<HttpFilter> filters = new ArrayList<>();
    if (any(map, HttpFilters::needsFault)) {
      filters.add(filter(FAULT, HTTPFault.getDefaultInstance()));
    }
    filters.add(ROUTER);
    return filters;
  }

  static boolean needsCors(HttpRouteAction action) {
    return action.hasCorsPolicy() && !action.getCorsPolicy().getDisabled();
  }

  static boolean needsFault(HttpRouteAction action) {
    return action.hasFaultInjectionPolicy();
  }

  private static boolean any(UrlMap map, Predicate<HttpRouteAction> condition) {
    Stream<HttpRouteAction> ofMatchers =
        map.getPathMatchersList().stream()
            .flatMap(
                matcher ->
                    Stream.of(
                            Stream.of(matcher.getDefaultRouteAction()),
                            matcher.getPathRulesList().stream().map(PathRule::getRouteAction),
                            matcher.getRouteRulesList().stream().map(HttpRouteRule::getRouteAction))
                        .flatMap(actions -> actions));
    return Stream.concat(Stream.of(map.getDefaultRouteAction()), ofMatchers).anyMatch(condition);
  }

  private static HttpFilter filter(String name, Message config) {
    return HttpFilter.newBuilder().setName(name).setTypedConfig(Packed.any(config)).build();
  }
}
