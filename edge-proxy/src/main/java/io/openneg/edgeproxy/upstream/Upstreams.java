package io.openneg.edgeproxy.upstream;

import static java.lang.System.Logger.Level.INFO;

import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.Endpoint;
import io.openneg.edgeproxy.config.Health;
import io.openneg.edgeproxy.warming.ServingConfig.Backend;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The clusters in effect. Looked up by any thread, changed by one. */
public final class Upstreams {

  private static final System.Logger LOG = System.getLogger(Upstreams.class.getName());

  private final Vertx vertx;
  private final Map<String, UpstreamCluster> clusters = new ConcurrentSkipListMap<>();

  /** Versions that were replaced and still carry something; used by the changing thread only. */
  private final List<UpstreamCluster> former = new ArrayList<>();

  public Upstreams(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Adds new clusters, replaces changed ones and updates endpoints; removes nothing. */
  public void addAndUpdate(Map<String, Backend> next) {
    next.forEach(
        (name, backend) -> {
          UpstreamCluster existing = clusters.get(name);
          if (existing == null || !existing.config().equals(backend.config())) {
            clusters.put(name, new UpstreamCluster(vertx, backend.config(), backend.assignment()));
            LOG.log(
                INFO,
                "cluster {0}: {1}, {2}",
                name,
                existing == null ? "added" : "replaced",
                summary(backend.assignment()));
            if (existing != null) {
              existing.retire();
              former.add(existing);
            }
          } else if (!existing.assignment().equals(backend.assignment())) {
            existing.update(backend.assignment());
            LOG.log(INFO, "cluster {0}: {1}", name, summary(backend.assignment()));
          }
        });
    former.removeIf(UpstreamCluster::isClosed);
    for (UpstreamCluster version : former) {
      Backend current = next.get(version.config().name());
      if (current != null) {
        version.follow(current.assignment());
      }
    }
  }

  /** Removes what {@code next} does not have; requests in flight end first. */
  public void removeAbsent(Map<String, Backend> next) {
    for (String name : Set.copyOf(clusters.keySet())) {
      UpstreamCluster cluster = next.containsKey(name) ? null : clusters.remove(name);
      if (cluster != null) {
        cluster.retire();
        LOG.log(INFO, "cluster {0}: removed", name);
      }
    }
  }

  private static String summary(Assignment assignment) {
    Map<Health, Integer> counts = new EnumMap<>(Health.class);
    for (Assignment.Group group : assignment.groups()) {
      for (Endpoint endpoint : group.endpoints()) {
        counts.merge(endpoint.health(), 1, Integer::sum);
      }
    }
    return "endpoints " + counts;
  }

  /** The newest version of a cluster, or null. */
  public @Nullable UpstreamCluster cluster(String name) {
    return clusters.get(name);
  }

  /** By name. */
  public Collection<UpstreamCluster> all() {
    return clusters.values();
  }

  /** Closes all connections at once. */
  public void close() {
    clusters.values().forEach(UpstreamCluster::close);
  }
}
