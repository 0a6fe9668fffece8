package io.openneg.edgeproxy.routing;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is done with a request that a route has matched. Immutable. */
public sealed interface RouteAction {

  /**
   * Forwards the request to an endpoint of a cluster.
   *
   * @param clusters one, or several by weight, of which one has a weight above 0
   * @param clusterNotFoundStatus answered when the cluster does not exist
   * @param timeout from the end of the request to the end of the response; zero: none
   * @param idleTimeout without a byte in either direction; null: the listener's; zero: none
   * @param host that the endpoint is asked for; null: the request's
   * @param pathPrefix in place of what the route demands of the path; null: the path stays
   * @param hashPolicies taken together; empty: requests belong nowhere
   */
  record Forward(
      List<WeightedCluster> clusters,
      int clusterNotFoundStatus,
      Duration timeout,
      @Nullable Duration idleTimeout,
      RetryPolicy retryPolicy,
      @Nullable String host,
      @Nullable String pathPrefix,
      List<HashPolicy> hashPolicies)
      implements RouteAction {
    public Forward {
      hashPolicies = List.copyOf(hashPolicies);
      clusters = List.copyOf(clusters);
    }

    /**
     * One of the clusters.
     *
     * @param lot 0 included to 1 not included; the same lot gets the same cluster
     */
    public WeightedCluster cluster(double lot) {
      if (clusters.size() == 1) {
        return clusters.getFirst();
      }
      long sum = clusters.stream().mapToLong(WeightedCluster::weight).sum();
      long left = (long) (lot * sum);
      for (WeightedCluster cluster : clusters) {
        left -= cluster.weight();
        if (left < 0) {
          return cluster;
        }
      }
      throw new IllegalArgumentException("a lot of " + lot);
    }
  }

  /**
   * Sends the client elsewhere. A null part is taken from the request.
   *
   * @param port 0: that of the request, unless the host changes
   * @param path path of the target, with a query string of its own if it holds a "?"
   * @param pathPrefix in place of what the route demands of the path; not beside {@code path}
   */
  record Redirect(
      int status,
      @Nullable String scheme,
      @Nullable String host,
      int port,
      @Nullable String path,
      @Nullable String pathPrefix,
      boolean stripQuery)
      implements RouteAction {}

  /** Answers by itself. */
  record Respond(int status, String body) implements RouteAction {}
}
