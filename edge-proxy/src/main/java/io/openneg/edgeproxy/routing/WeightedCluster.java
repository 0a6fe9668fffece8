package io.openneg.edgeproxy.routing;

import java.util.List;

/**
 * One of the clusters that a route may forward to.
 *
 * @param name of the cluster; it need not exist
 * @param weight its part of the requests, by the sum of all
 * @param requestHeaders changes of requests to it, one after the other
 * @param responseHeaders changes of its answers, one after the other
 */
public record WeightedCluster(
    String name,
    long weight,
    List<HeaderChanges> requestHeaders,
    List<HeaderChanges> responseHeaders) {
  public WeightedCluster {
    requestHeaders = List.copyOf(requestHeaders);
    responseHeaders = List.copyOf(responseHeaders);
  }
}
