package io.openneg.proxyconfigservice.xds;

import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The listeners of nodes that do not get all, made once for all nodes that choose alike: a set is
 * asked for by every stream after every change. Thread-safe.
 */
final class SelectedListeners {
  private final ResourceSet sockets;
  private final ResourceSet apis;
  private final Map<String, LoadBalancingScheme> schemes;
  private final Map<Choice, ResourceSet> made = new ConcurrentHashMap<>();

  private record Choice(boolean proxyless, ListenerSelection selection) {}

  /**
   * @param schemes by listener name
   */
  SelectedListeners(
      ResourceSet sockets, ResourceSet apis, Map<String, LoadBalancingScheme> schemes) {
    this.sockets = sockets;
    this.apis = apis;
    this.schemes = Map.copyOf(schemes);
  }

  ResourceSet of(Audience audience) {
    ResourceSet all = audience.proxyless() ? apis : sockets;
    if (audience.listeners().equals(ListenerSelection.ALL)) {
      return all;
    }
    return made.computeIfAbsent(
        new Choice(audience.proxyless(), audience.listeners()), choice -> chosen(all, choice));
  }

  private ResourceSet chosen(ResourceSet all, Choice choice) {
    ResourceSet chosen = ResourceSet.EMPTY;
    for (XdsResource listener : all.byName().values()) {
      LoadBalancingScheme scheme =
          schemes.getOrDefault(
              listener.name(), LoadBalancingScheme.LOAD_BALANCING_SCHEME_UNSPECIFIED);
      if (choice.selection().takes(listener.name(), scheme)) {
        chosen = chosen.with(listener);
      }
    }
    return chosen;
  }
}
