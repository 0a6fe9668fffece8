package io.openneg.proxyconfigservice.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A well-behaved client with a network in between: it follows what it is told from type to type, as
 * Envoy (all clusters and listeners) or gRPC (by name) does, and checks at every step that no route
 * it uses points to a cluster it does not have.
 *
 * <p>Time stands still: it must get everywhere without any bound expiring.
 */
final class SimulatedProxy {
  private static final long NOW = 0;

  private final Audience audience;
  private final Random random;
  private SimulatedLink link;
  private XdsSnapshot world;

  /** With the world as it was when the server sent it. */
  private record Sent(SimulatedLink.Told told, XdsSnapshot world) {}

  private final Deque<Sent> toProxy = new ArrayDeque<>();
  private final Deque<Runnable> toServer = new ArrayDeque<>();
  private final Map<XdsType, Map<String, ByteString>> held = new HashMap<>();
  private final Map<XdsType, Set<String>> names = new HashMap<>();
  private final Map<XdsType, Map<String, String>> versions = new HashMap<>();
  private final Set<XdsType> begun = new LinkedHashSet<>();

  /**
   * @param delta whether it speaks the delta variant, else state of the world
   */
  SimulatedProxy(Audience audience, boolean delta, XdsSnapshot world, long seed) {
    this.audience = audience;
    this.world = world;
    this.random = new Random(seed);
    this.link =
        delta ? SimulatedLink.delta(audience, Map.of()) : SimulatedLink.stateOfTheWorld(audience);
    link.publish(world);
    if (audience.proxyless()) {
      want(XdsType.LISTENER, Set.of("r0", "r1"));
    } else {
      request(XdsType.CLUSTER);
      request(XdsType.LISTENER);
    }
  }

  void publish(XdsSnapshot next) {
    world = next;
    link.publish(next);
  }

  /** The stream breaks with all that is under way, and the proxy comes back with what it has. */
  void reconnect() {
    toProxy.clear();
    toServer.clear();
    Map<XdsType, Map<String, String>> had = new HashMap<>();
    held.forEach(
        (type, resources) -> {
          Map<String, String> versions = new HashMap<>();
          Map<String, String> known = versions(type);
          resources.keySet().forEach(name -> versions.put(name, known.getOrDefault(name, "")));
          had.put(type, versions);
        });
    link = SimulatedLink.delta(audience, had);
    link.publish(world);
    // As Envoy does: in the order in which it came to need them at first. No names would mean all.
    begun.removeIf(type -> !everything(type) && names(type).isEmpty());
    List.copyOf(begun).forEach(this::request);
  }

  /** Some message arrives somewhere, or the server sends; false: nothing is left to happen. */
  boolean step() {
    List<Runnable> possible = new ArrayList<>();
    if (!toServer.isEmpty()) {
      possible.add(() -> toServer.removeFirst().run());
    }
    if (!toProxy.isEmpty()) {
      possible.add(() -> receive(toProxy.removeFirst()));
    }
    SimulatedLink.Told next = link.next(NOW);
    if (next != null) {
      toProxy.addLast(new Sent(next, world));
      checkOrder(next);
      return true;
    }
    if (possible.isEmpty()) {
      return false;
    }
    possible.get(random.nextInt(possible.size())).run();
    return true;
  }

  /** What is sent may be used the moment it arrives. */
  private void checkOrder(SimulatedLink.Told told) {
    if (told.type() == XdsType.ROUTES && !audience.proxyless()) {
      for (Any body : told.resources()) {
        clusters(unpack(body, RouteConfiguration.class)).forEach(this::checkHeld);
      }
    }
    if (told.type() == XdsType.LISTENER && !audience.proxyless()) {
      told.resources().forEach(body -> clusterOf(body.getValue()).ifPresent(this::checkHeld));
    }
  }

  private void checkHeld(String cluster) {
    if (world.clusters().get(cluster) != null) {
      assertThat(held(XdsType.CLUSTER)).as("routed to").containsKey(cluster);
      assertThat(held(XdsType.ENDPOINTS)).as("routed to").containsKey(cluster);
    }
  }

  private void receive(Sent sent) {
    SimulatedLink.Told told = sent.told();
    XdsType type = told.type();
    Map<String, ByteString> resources = held(type);
    Set<String> before = Set.copyOf(resources.keySet());
    if (told.whole()) {
      resources.clear();
    }
    resources.keySet().removeAll(told.removed());
    for (Any body : told.resources()) {
      // What it has given up meanwhile is nothing to it.
      if (everything(type) || names(type).contains(name(body))) {
        resources.put(name(body), body.getValue());
      }
    }
    versions(type).putAll(told.versions());
    link.received(told);
    switch (type) {
      case CLUSTER -> {
        Set<String> gone = new TreeSet<>(before);
        gone.removeAll(resources.keySet());
        checkNotInUse(gone, sent.world());
        held(XdsType.ENDPOINTS).keySet().retainAll(resources.keySet());
        // Both orders of acknowledgement and new subscription are seen in the wild.
        if (random.nextBoolean()) {
          request(type);
          want(XdsType.ENDPOINTS, resources.keySet());
        } else {
          want(XdsType.ENDPOINTS, resources.keySet());
          request(type);
        }
      }
      case ENDPOINTS -> request(type);
      case LISTENER -> {
        request(type);
        Set<String> used =
            resources.values().stream()
                .flatMap(listener -> routeOf(listener).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        held(XdsType.ROUTES).keySet().retainAll(used);
        want(XdsType.ROUTES, used);
        want(
            XdsType.SECRETS,
            resources.values().stream()
                .flatMap(listener -> secretsOf(listener).stream())
                .collect(Collectors.toSet()));
        followRoutes();
      }
      case ROUTES -> {
        request(type);
        followRoutes();
      }
      case SECRETS -> request(type);
    }
  }

  private void followRoutes() {
    if (audience.proxyless()) {
      Set<String> used = new TreeSet<>(usedClusters());
      want(XdsType.CLUSTER, used);
      held(XdsType.CLUSTER).keySet().retainAll(used);
      Set<String> stillUsed = new TreeSet<>(names(XdsType.ENDPOINTS));
      stillUsed.retainAll(used);
      want(XdsType.ENDPOINTS, stillUsed);
    }
  }

  /** A cluster may go only when the proxy's routes are done with it, as the world's are. */
  private void checkNotInUse(Set<String> gone, XdsSnapshot worldThen) {
    held(XdsType.LISTENER)
        .forEach(
            (name, bytes) ->
                clusterOf(bytes)
                    .ifPresent(
                        used -> assertThat(gone).as("used by " + name).doesNotContain(used)));
    held(XdsType.ROUTES)
        .forEach(
            (name, bytes) -> {
              Set<String> used = clusters(parse(bytes, RouteConfiguration.getDefaultInstance()));
              XdsResource then = worldThen.routes().get(name);
              for (String cluster : gone) {
                // Deleted in use: nobody could do anything about it.
                boolean usedByWorld = then != null && then.refs().contains(cluster);
                if (!usedByWorld) {
                  assertThat(used).as("clusters in use by " + name).doesNotContain(cluster);
                }
              }
            });
  }

  private Set<String> usedClusters() {
    return held(XdsType.ROUTES).values().stream()
        .flatMap(bytes -> clusters(parse(bytes, RouteConfiguration.getDefaultInstance())).stream())
        .collect(Collectors.toSet());
  }

  private void want(XdsType type, Collection<String> wanted) {
    Set<String> now = new TreeSet<>(wanted);
    if (!now.equals(names.get(type)) && !(now.isEmpty() && !begun.contains(type))) {
      names.put(type, now);
      held(type).keySet().retainAll(now);
      request(type);
    }
  }

  private void request(XdsType type) {
    begun.add(type);
    toServer.addLast(link.request(type, names(type)));
  }

  /** With nothing left to happen, the proxy has exactly what the world is. */
  void checkUpToDate() {
    ResourceSet listeners = world.set(audience, XdsType.LISTENER);
    for (XdsType type : XdsType.values()) {
      Map<String, ByteString> expected = new HashMap<>();
      Collection<String> wanted =
          switch (type) {
            case LISTENER -> listeners.byName().keySet();
            case ROUTES -> names(type);
            case CLUSTER -> audience.proxyless() ? names(type) : world.clusters().byName().keySet();
            case ENDPOINTS -> names(type);
            case SECRETS -> names(type);
          };
      for (String name : wanted) {
        XdsResource resource = world.get(audience, type, name);
        if (resource != null) {
          expected.put(name, resource.body().getValue());
        }
      }
      Map<String, ByteString> actual = new HashMap<>(held(type));
      actual.keySet().removeIf(name -> world.get(audience, type, name) == null);
      assertThat(actual).as(type.toString()).isEqualTo(expected);
    }
  }

  private boolean everything(XdsType type) {
    return type.wholeSet() && !audience.proxyless();
  }

  private Map<String, ByteString> held(XdsType type) {
    return held.computeIfAbsent(type, _ -> new HashMap<>());
  }

  private Map<String, String> versions(XdsType type) {
    return versions.computeIfAbsent(type, _ -> new HashMap<>());
  }

  private Set<String> names(XdsType type) {
    return names.getOrDefault(type, Set.of());
  }

  private static Any filterOf(ByteString listener) {
    Listener parsed = parse(listener, Listener.getDefaultInstance());
    return parsed.hasApiListener()
        ? parsed.getApiListener().getApiListener()
        : parsed.getFilterChains(0).getFilters(0).getTypedConfig();
  }

  private static Optional<String> routeOf(ByteString listener) {
    Any filter = filterOf(listener);
    return filter.is(HttpConnectionManager.class)
        ? Optional.of(unpack(filter, HttpConnectionManager.class).getRds().getRouteConfigName())
        : Optional.empty();
  }

  /** Of a listener that passes bytes on. */
  private static Optional<String> clusterOf(ByteString listener) {
    Any filter = filterOf(listener);
    return filter.is(TcpProxy.class)
        ? Optional.of(unpack(filter, TcpProxy.class).getCluster())
        : Optional.empty();
  }

  private static Set<String> secretsOf(ByteString listener) {
    return parse(listener, Listener.getDefaultInstance()).getFilterChainsList().stream()
        .filter(FilterChain::hasTransportSocket)
        .map(c -> unpack(c.getTransportSocket().getTypedConfig(), DownstreamTlsContext.class))
        .flatMap(tls -> tls.getCommonTlsContext().getTlsCertificateSdsSecretConfigsList().stream())
        .map(SdsSecretConfig::getName)
        .collect(Collectors.toSet());
  }

  private static Set<String> clusters(RouteConfiguration routes) {
    return routes.getVirtualHostsList().stream()
        .flatMap(host -> host.getRoutesList().stream())
        .map(route -> route.getRoute().getCluster())
        .collect(Collectors.toSet());
  }

  private static String name(Any body) {
    return switch (XdsType.ofUrl(body.getTypeUrl()).orElseThrow()) {
      case CLUSTER -> unpack(body, Cluster.class).getName();
      case ENDPOINTS -> unpack(body, ClusterLoadAssignment.class).getClusterName();
      case LISTENER -> unpack(body, Listener.class).getName();
      case ROUTES -> unpack(body, RouteConfiguration.class).getName();
      case SECRETS -> unpack(body, Secret.class).getName();
    };
  }

  private static <T extends com.google.protobuf.Message> T unpack(Any any, Class<T> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @SuppressWarnings("unchecked") // a message's parser gives messages of its type
  private static <T extends com.google.protobuf.Message> T parse(ByteString bytes, T prototype) {
    try {
      return (T) prototype.getParserForType().parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
