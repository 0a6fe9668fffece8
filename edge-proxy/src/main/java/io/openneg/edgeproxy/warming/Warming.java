package io.openneg.edgeproxy.warming;

import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.DownstreamTls;
import io.openneg.edgeproxy.config.HttpOptions;
import io.openneg.edgeproxy.config.ListenerConfig;
import io.openneg.edgeproxy.config.ListenerConfig.Routes;
import io.openneg.edgeproxy.config.ServerCertificate;
import io.openneg.edgeproxy.routing.RouteTable;
import io.openneg.edgeproxy.warming.ServingConfig.Backend;
import io.openneg.edgeproxy.warming.ServingConfig.HttpServer;
import io.openneg.edgeproxy.warming.ServingConfig.Server;
import io.openneg.edgeproxy.warming.ServingConfig.TcpServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides what is served next. A listener waits for its certificates, its routes and for the
 * clusters these name; a cluster waits for its endpoints. Meanwhile the previous version, if there
 * was one, serves on: the break comes after the make.
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
      Map<String, ServerCertificate> secrets,
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
              Candidate next = candidate(config, clusters, accepted);
              Server previous = before.listeners().get(name);
              if (next instanceof Candidate.Warm(Server server)) {
                listeners.put(name, server);
              } else if (previous != null) {
                listeners.put(name, previous);
              } else if (next instanceof Candidate.Cold(String missing)) {
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

  /** The newest version of a listener. */
  private sealed interface Candidate {
    /** All it needs is there. */
    record Warm(Server server) implements Candidate {}

    /** This is not. */
    record Cold(String missing) implements Candidate {}
  }

  private static Candidate candidate(
      ListenerConfig config, Map<String, Backend> clusters, Accepted accepted) {
    List<ServerCertificate> certificates = new ArrayList<>();
    DownstreamTls tls = config.tls();
    for (String secret : tls == null ? List.<String>of() : tls.secrets()) {
      ServerCertificate certificate = accepted.secrets().get(secret);
      if (certificate == null) {
        return new Candidate.Cold("secret " + secret);
      }
      certificates.add(certificate);
    }
    return switch (config.treatment()) {
      case ListenerConfig.Http(Routes.Inline(RouteTable table), HttpOptions options) ->
          http(new HttpServer(config, certificates, options, table), clusters, accepted);
      case ListenerConfig.Http(Routes.Named(String name), HttpOptions options) -> {
        RouteTable table = accepted.routes().get(name);
        yield table == null
            ? new Candidate.Cold("route configuration " + name)
            : http(new HttpServer(config, certificates, options, table), clusters, accepted);
      }
      case ListenerConfig.Tcp tcp ->
          awaited(tcp.cluster(), clusters, accepted)
              ? new Candidate.Cold("cluster " + tcp.cluster())
              : new Candidate.Warm(new TcpServer(config, certificates, tcp));
    };
  }

  private static Candidate http(
      HttpServer server, Map<String, Backend> clusters, Accepted accepted) {
    for (String cluster : server.routes().clusters()) {
      if (awaited(cluster, clusters, accepted)) {
        return new Candidate.Cold("cluster " + cluster);
      }
      Backend backend = clusters.get(cluster);
      if (backend != null && backend.config().proxyProtocol()) {
        // Connections to endpoints are shared by clients, and the header can name but one.
        return new Candidate.Cold("cluster " + cluster + " without the PROXY protocol");
      }
    }
    return new Candidate.Warm(server);
  }

  private static boolean awaited(String cluster, Map<String, Backend> clusters, Accepted accepted) {
    boolean mayCome = accepted.clusters().containsKey(cluster) || !accepted.clustersTold();
    return !clusters.containsKey(cluster) && mayCome;
  }
}
