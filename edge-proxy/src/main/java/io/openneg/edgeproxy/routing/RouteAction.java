package io.openneg.edgeproxy.routing;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is done with a request that a route has matched. Immutable. */
public sealed interface RouteAction {

  /**
   * Forwards the request to an endpoint of a cluster.
   *
   * @param cluster name of the cluster; it need not exist
   * @param clusterNotFoundStatus answered when it does not exist
   * @param timeout from the end of the request to the end of the response; zero: none
   * @param idleTimeout without a byte in either direction; null: the listener's; zero: none
   */
  record Forward(
      String cluster,
      int clusterNotFoundStatus,
      Duration timeout,
      @Nullable Duration idleTimeout,
      RetryPolicy retryPolicy)
      implements RouteAction {}

  /**
   * Sends the client elsewhere. A null part is taken from the request.
   *
   * @param port 0: that of the request, unless the host changes
   * @param path path of the target, with a query string of its own if it holds a "?"
   */
  record Redirect(
      int status,
      @Nullable String scheme,
      @Nullable String host,
      int port,
      @Nullable String path,
      boolean stripQuery)
      implements RouteAction {}

  /** Answers by itself. */
  record Respond(int status, String body) implements RouteAction {}
}
