package io.openneg.edgeproxy.xds;

import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.DownstreamTls;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ListenerConfig;
import io.openneg.edgeproxy.config.ListenerConfig.Routes;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.config.ServerCertificate;
import io.openneg.edgeproxy.decode.Decoder;
import io.openneg.edgeproxy.routing.RouteTable;
import io.openneg.edgeproxy.warming.ResourceSet;
import io.openneg.edgeproxy.warming.ServingConfig;
import io.openneg.edgeproxy.warming.Warming;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of the conversation: what it was told, what of it is served, what it says next.
 * No I/O of its own; not thread-safe.
 *
 * <p>A response is taken resource by resource: valid ones are used, invalid ones keep their
 * previous version, and one invalid resource makes the answer a NACK that names it.
 */
final class XdsState {

  /** Nobody reads more, and a NACK must stay small. */
  private static final int MAX_REASONS = 10;

  private final Function<IpPort, @Nullable String> bindProblem;
  private final ResourceSet<ListenerConfig> listeners = new ResourceSet<>(Decoder.LISTENERS);
  private final ResourceSet<RouteTable> routes = new ResourceSet<>(Decoder.ROUTES);
  private final ResourceSet<ClusterConfig> clusters = new ResourceSet<>(Decoder.CLUSTERS);
  private final ResourceSet<Assignment> assignments = new ResourceSet<>(Decoder.ASSIGNMENTS);
  private final ResourceSet<ServerCertificate> secrets = new ResourceSet<>(Decoder.SECRETS);
  private final Map<ResourceType, Subscription> subscriptions = new EnumMap<>(ResourceType.class);
  private final Set<String> overdue = new HashSet<>();
  private Warming.Result result = new Warming.Result(ServingConfig.EMPTY, Map.of());
  private boolean streamOpen;
  private final UnboundListeners unbound = new UnboundListeners();

  /**
   * What follows from an event.
   *
   * @param requests to be sent in this order, once the new configuration is in effect
   * @param rejected why the answer is a NACK, or null
   */
  record Outcome(List<XdsRequest> requests, @Nullable String rejected) {}

  /**
   * @param bindProblem why an address cannot be listened on, or null; asked for new addresses only
   */
  XdsState(Function<IpPort, @Nullable String> bindProblem) {
    this.bindProblem = bindProblem;
    for (ResourceType type : ResourceType.values()) {
      subscriptions.put(type, new Subscription(type));
    }
  }

  /** The requests that open a new stream; they tell what is known already. */
  List<XdsRequest> onStreamOpened() {
    streamOpen = true;
    List<XdsRequest> requests = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      XdsRequest request = subscription(type).open(versions(type));
      if (request != null) {
        requests.add(request);
      }
    }
    return requests;
  }

  /** Of what was accepted, by name. */
  private Map<String, String> versions(ResourceType type) {
    Map<String, String> versions = new HashMap<>();
    resources(type).entries().forEach((name, entry) -> versions.put(name, entry.version()));
    return versions;
  }

  void onStreamClosed() {
    streamOpen = false;
  }

  Outcome onResponse(XdsResponse response) {
    ResourceType type = ResourceType.ofTypeUrl(response.typeUrl());
    if (type == null) {
      // Nothing of this type was asked for, so there is no subscription to answer for.
      return new Outcome(List.of(), "unknown type \"" + response.typeUrl() + "\"");
    }
    List<String> reasons = apply(type, response);
    String rejected = reasons.isEmpty() ? null : summary(reasons);
    List<XdsRequest> requests = new ArrayList<>();
    requests.add(
        rejected == null
            ? subscription(type).ack(response.version(), response.nonce())
            : subscription(type).nack(response.nonce(), rejected));
    refresh(requests);
    return new Outcome(requests, rejected);
  }

  /**
   * Tries the last listeners again if some of them could not be listened on: the port may be free
   * by now, and the server will not send again what was refused. A second refusal is not told.
   */
  Outcome retryUnbound() {
    XdsResponse response = unbound.response();
    if (response == null) {
      return new Outcome(List.of(), null);
    }
    List<String> reasons = apply(ResourceType.LISTENER, response);
    List<XdsRequest> requests = new ArrayList<>();
    Subscription subscription = subscription(ResourceType.LISTENER);
    if (response.whole()) {
      if (reasons.isEmpty()) {
        XdsRequest ack = subscription.ack(response.version(), response.nonce());
        if (streamOpen) {
          requests.add(ack);
        }
      }
    } else {
      // Each was refused for itself; what is asked for again comes again, and is accepted then.
      Set<String> bound = response.names();
      bound.removeIf(name -> !listeners.entries().containsKey(name) || unbound.has(name));
      if (streamOpen && !bound.isEmpty()) {
        requests.add(subscription.again(bound));
      }
    }
    refresh(requests);
    return new Outcome(requests, null);
  }

  /** Whether {@link #retryUnbound} may help. */
  boolean hasUnbound() {
    return unbound.response() != null;
  }

  /** Names of assignments that are waited for, and for how long at most; zero: for ever. */
  Map<String, Duration> awaitedAssignments() {
    Map<String, Duration> awaited = new HashMap<>();
    for (ClusterConfig cluster : clusters.configs().values()) {
      String name = cluster.edsName();
      if (!assignments.configs().containsKey(name) && !overdue.contains(name)) {
        awaited.put(name, cluster.edsTimeout());
      }
    }
    return awaited;
  }

  /** An assignment has been waited for long enough. */
  Outcome giveUp(String assignment) {
    if (awaitedAssignments().containsKey(assignment)) {
      overdue.add(assignment);
    }
    List<XdsRequest> requests = new ArrayList<>();
    refresh(requests);
    return new Outcome(requests, null);
  }

  private List<String> apply(ResourceType type, XdsResponse response) {
    return switch (type) {
      case CLUSTER -> apply(clusters, response, response.removed(), _ -> null);
      // As in Envoy: what is said to be missing is waited for no longer, but stays if it is there.
      case ENDPOINT -> {
        overdue.addAll(response.removed());
        yield apply(assignments, response, List.of(), _ -> null);
      }
      case ROUTE -> apply(routes, response, List.of(), _ -> null);
      case SECRET -> apply(secrets, response, List.of(), _ -> null);
      case LISTENER -> {
        ListenerCheck check =
            new ListenerCheck(
                Map.copyOf(listeners.configs()),
                response.untouched(listeners.configs()).values(),
                bindProblem);
        List<String> reasons = apply(listeners, response, response.removed(), check);
        unbound.note(response, check.unbound());
        yield reasons;
      }
    };
  }

  private <T> List<String> apply(
      ResourceSet<T> set,
      XdsResponse response,
      List<String> removed,
      Function<T, @Nullable String> check) {
    Set<String> names = subscription(set.type()).names();
    return set.apply(
        response.resources().stream()
            .map(item -> new ResourceSet.Sent(item.version(), item.body()))
            .toList(),
        removed,
        response.whole(),
        name -> set.type().wildcard() || names.contains(name),
        check);
  }

  /** Works out what is served now, and adds the requests that change the subscriptions. */
  private void refresh(List<XdsRequest> requests) {
    Set<String> needed = new HashSet<>();
    clusters.configs().values().forEach(cluster -> needed.add(cluster.edsName()));
    // A cluster that comes back later waits anew.
    overdue.retainAll(needed);
    overdue.removeAll(assignments.configs().keySet());
    result =
        Warming.next(
            result.serving(),
            new Warming.Accepted(
                listeners.configs(),
                routes.configs(),
                clusters.configs(),
                assignments.configs(),
                secrets.configs(),
                clusters.answered(),
                overdue));
    subscribe(assignments, assignmentNames(), requests);
    subscribe(routes, routeNames(), requests);
    subscribe(secrets, secretNames(), requests);
  }

  private void subscribe(ResourceSet<?> set, Set<String> names, List<XdsRequest> requests) {
    XdsRequest request = subscription(set.type()).subscribe(names, streamOpen);
    if (request != null) {
      requests.add(request);
    }
    set.retain(names);
  }

  /** Of the newest clusters, and of older versions that serve on until the newest are warm. */
  private Set<String> assignmentNames() {
    Set<String> names = new TreeSet<>();
    clusters.configs().values().forEach(cluster -> names.add(cluster.edsName()));
    result.serving().clusters().values().forEach(backend -> names.add(backend.config().edsName()));
    return names;
  }

  private Set<String> routeNames() {
    Set<String> names = new TreeSet<>();
    listeners.configs().values().forEach(listener -> addRouteName(listener, names));
    result.serving().listeners().values().forEach(server -> addRouteName(server.config(), names));
    return names;
  }

  private Set<String> secretNames() {
    Set<String> names = new TreeSet<>();
    listeners.configs().values().forEach(listener -> addSecretNames(listener, names));
    result.serving().listeners().values().forEach(server -> addSecretNames(server.config(), names));
    return names;
  }

  private static void addSecretNames(ListenerConfig listener, Set<String> names) {
    DownstreamTls tls = listener.tls();
    if (tls != null) {
      names.addAll(tls.secrets());
    }
  }

  private static void addRouteName(ListenerConfig listener, Set<String> names) {
    if (listener.treatment() instanceof ListenerConfig.Http(Routes.Named(String name), _)) {
      names.add(name);
    }
  }

  /** What can be served. */
  ServingConfig serving() {
    return result.serving();
  }

  /** Whether LDS was ever answered. */
  boolean listenersTold() {
    return listeners.answered();
  }

  /** By name of the listener, why it is not served in any version. */
  Map<String, String> coldListeners() {
    Map<String, String> cold = new TreeMap<>(result.cold());
    listeners
        .rejections()
        .forEach(
            (name, reason) -> {
              if (!listeners.entries().containsKey(name)) {
                cold.put(name, reason);
              }
            });
    return cold;
  }

  ResourceSet<?> resources(ResourceType type) {
    return switch (type) {
      case LISTENER -> listeners;
      case ROUTE -> routes;
      case CLUSTER -> clusters;
      case ENDPOINT -> assignments;
      case SECRET -> secrets;
    };
  }

  Subscription subscription(ResourceType type) {
    Subscription subscription = subscriptions.get(type);
    if (subscription == null) {
      throw new AssertionError(type);
    }
    return subscription;
  }

  private static String summary(List<String> reasons) {
    String text = String.join("; ", reasons.subList(0, Math.min(reasons.size(), MAX_REASONS)));
    int left = reasons.size() - MAX_REASONS;
    return left > 0 ? text + "; and " + left + " more" : text;
  }
}
