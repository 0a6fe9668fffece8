package io.openneg.edgeproxy.warming;

import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.HttpOptions;
import io.openneg.edgeproxy.config.ListenerConfig;
import io.openneg.edgeproxy.config.ServerCertificate;
import io.openneg.edgeproxy.routing.RouteTable;
import java.util.List;
import java.util.Map;

/** A configuration that can be served as it stands; everything in it is warm. Immutable. */
public record ServingConfig(Map<String, Server> listeners, Map<String, Backend> clusters) {

  public static final ServingConfig EMPTY = new ServingConfig(Map.of(), Map.of());

  public ServingConfig {
    listeners = Map.copyOf(listeners);
    clusters = Map.copyOf(clusters);
  }

  /** A listener with all it needs. */
  public sealed interface Server {
    ListenerConfig config();

    /** In the order of the listener; empty without TLS. */
    List<ServerCertificate> certificates();
  }

  /** A listener for requests, with its routes. */
  public record HttpServer(
      ListenerConfig config,
      List<ServerCertificate> certificates,
      HttpOptions options,
      RouteTable routes)
      implements Server {}

  /** A listener whose connections are forwarded as they are. */
  public record TcpServer(
      ListenerConfig config, List<ServerCertificate> certificates, ListenerConfig.Tcp tcp)
      implements Server {}

  /** A cluster with its endpoints. */
  public record Backend(ClusterConfig config, Assignment assignment) {}
}
