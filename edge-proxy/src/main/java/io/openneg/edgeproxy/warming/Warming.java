package io.openneg.edgeproxy.warming;

import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.ListenerConfig;
import io.openneg.edgeproxy.config.ListenerConfig.Routes;
import io.openneg.edgeproxy.routing.RouteTable;
import io.openneg.edgeproxy.warming.ServingConfig.Backend;
import io.openneg.edgeproxy.warming.ServingConfig.Server;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is served next. A listener waits for its routes and for the clusters these name; a
 * cluster waits for its endpoints. Meanwhile the previous version, if there was one, serves on: the
 * break comes after the make.
 */
public final class Warming {

  private Warming() {}

  /**
   * All that was accepted so far.
   *
   * @param clustersTold whether CDS was answered: before that, a cluster that is not there may come
   * @param overdue names of assignments that were waited for long enough; their clusters count as
   *     having no endpoints, so that one of them does not hold up a listener for ever
   */
  public record Accepted(
      Map<String, ListenerConfig> listeners,
      Map<String, RouteTable> routes,
      Map<String, ClusterConfig> clusters,
      Map<String, Assignment> assignments,
      boolean clustersTold,
      Set<String> overdue) {}

  /**
   * The outcome.
   *
   * @param cold by name, what the listeners that cannot be served at all wait for
   */
  public record Result(ServingConfig serving, Map<String, String> cold) {}

  public static Result next(ServingConfig before, Accepted accepted) {
    Map<String, Backend> clusters = clusters(before, accepted);
    Map<String, Server> listeners = new HashMap<>();
    Map<String, String> cold = new TreeMap<>();
    accepted
        .listeners()
        .forEach(
            (name, config) -> {
              Server previous = before.listeners().get(name);
              RouteTable routes = routes(config, accepted);
              String missing = missing(config, routes, clusters, accepted);
              if (routes != null && missing == null) {
                listeners.put(name, new Server(config, routes));
              } else if (previous != null) {
                listeners.put(name, previous);
              } else {
                cold.put(name, "waits for " + missing);
              }
            });
    return new Result(new ServingConfig(listeners, clusters), cold);
  }

  private static Map<String, Backend> clusters(ServingConfig before, Accepted accepted) {
    Map<String, Backend> clusters = new HashMap<>();
    accepted
        .clusters()
        .forEach(
            (name, config) -> {
              Backend previous = before.clusters().get(name);
              Assignment assignment = accepted.assignments().get(config.edsName());
              if (assignment != null) {
                clusters.put(name, new Backend(config, assignment));
              } else if (previous != null) {
                clusters.put(name, current(previous, accepted));
              } else if (accepted.overdue().contains(config.edsName())) {
                clusters.put(name, new Backend(config, Assignment.unknown(config.edsName())));
              }
            });
    return clusters;
  }

  /** The previous version with the newest endpoints it can have. */
  private static Backend current(Backend previous, Accepted accepted) {
    Assignment newest = accepted.assignments().get(previous.config().edsName());
    return newest == null ? previous : new Backend(previous.config(), newest);
  }

  private static @Nullable RouteTable routes(ListenerConfig config, Accepted accepted) {
    return switch (config.routes()) {
      case Routes.Inline(RouteTable table) -> table;
      case Routes.Named(String name) -> accepted.routes().get(name);
    };
  }

  private static @Nullable String missing(
      ListenerConfig config,
      @Nullable RouteTable routes,
      Map<String, Backend> clusters,
      Accepted accepted) {
    if (routes == null) {
      return config.routes() instanceof Routes.Named(String name)
          ? "route configuration " + name
          : "routes";
    }
    for (String cluster : routes.clusters()) {
      boolean mayCome = accepted.clusters().containsKey(cluster) || !accepted.clustersTold();
      if (!clusters.containsKey(cluster) && mayCome) {
        return "cluster " + cluster;
      }
    }
    return null;
  }
}
