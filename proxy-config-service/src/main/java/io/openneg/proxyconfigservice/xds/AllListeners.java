package io.openneg.proxyconfigservice.xds;

import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The listeners of all forwarding rules. They are made together, because several rules, of
 * different projects, may claim one name.
 *
 * @param sockets by listener name, for proxies
 * @param apis by listener name, for proxyless gRPC clients
 * @param schemes by listener name
 * @param dropped reasons by forwarding rule
 */
record AllListeners(
    Map<String, XdsResource> sockets,
    Map<String, XdsResource> apis,
    Map<String, LoadBalancingScheme> schemes,
    Map<String, List<String>> dropped) {

  static AllListeners of(RoutingTable table) {
    AllListeners all =
        new AllListeners(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    new TreeMap<>(table.forwardingRules()).values().forEach(rule -> all.add(rule, table));
    return all;
  }

  private void add(ForwardingRule rule, RoutingTable table) {
    @Nullable TargetHttpProxy proxy = table.targetHttpProxies().get(rule.getTarget());
    @Nullable UrlMap map = proxy == null ? null : table.urlMaps().get(proxy.getUrlMap());
    String name = Listeners.name(rule.getName());
    if (proxy == null) {
      drop(rule, "target '%s' is not there (yet)".formatted(rule.getTarget()));
    } else if (map == null) {
      drop(
          rule,
          "URL map '%s' of target '%s' is not there (yet)"
              .formatted(proxy.getUrlMap(), proxy.getName()));
    } else if (sockets.containsKey(name)) {
      drop(rule, "a forwarding rule of another project is listener '%s' already".formatted(name));
    } else {
      try {
        XdsResource socket = Listeners.socket(rule, proxy, map);
        apis.put(name, Listeners.api(rule, proxy, map));
        sockets.put(name, socket);
        schemes.put(name, rule.getLoadBalancingScheme());
      } catch (IllegalArgumentException e) {
        drop(rule, Objects.requireNonNullElse(e.getMessage(), "cannot be said to proxies"));
      }
    }
  }

  private void drop(ForwardingRule rule, String reason) {
    dropped.put(rule.getName(), List.of(reason));
  }
}
