package io.openneg.edgeproxy.warming;

import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.ListenerConfig;
import io.openneg.edgeproxy.routing.RouteTable;
import java.util.Map;

/** A configuration that can be served as it stands; everything in it is warm. Immutable. */
public record ServingConfig(Map<String, Server> listeners, Map<String, Backend> clusters) {

  public static final ServingConfig EMPTY = new ServingConfig(Map.of(), Map.of());

  public ServingConfig {
    listeners = Map.copyOf(listeners);
    clusters = Map.copyOf(clusters);
  }

  /** A listener with its routes. */
  public record Server(ListenerConfig config, RouteTable routes) {}

  /** A cluster with its endpoints. */
  public record Backend(ClusterConfig config, Assignment assignment) {}
}
