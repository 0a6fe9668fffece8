package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.openneg.edgeproxy.routing.HashPolicy;
import io.openneg.edgeproxy.routing.HeaderChanges;
import io.openneg.edgeproxy.routing.RouteAction;
import io.openneg.edgeproxy.routing.WeightedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads how requests of a route are forwarded. */
final class ForwardReader {

  private ForwardReader() {}

  /**
   * @param requestHeaders changes that come after those of a weighted cluster
   * @param responseHeaders the same for answers
   */
  static RouteAction.Forward read(
      io.envoyproxy.envoy.config.route.v3.RouteAction action,
      VirtualHost host,
      String path,
      List<HeaderChanges> requestHeaders,
      List<HeaderChanges> responseHeaders) {
    int notFound =
        switch (action.getClusterNotFoundResponseCode()) {
          case SERVICE_UNAVAILABLE -> 503;
          case NOT_FOUND -> 404;
          case INTERNAL_SERVER_ERROR -> 500;
          case UNRECOGNIZED ->
              throw new InvalidField(path + ".cluster_not_found_response_code", "unknown value");
        };
    return new RouteAction.Forward(
        clusters(action, path, requestHeaders, responseHeaders),
        notFound,
        action.hasTimeout()
            ? Fields.duration(action.getTimeout(), path + ".timeout")
            : Duration.ofSeconds(15),
        action.hasIdleTimeout()
            ? Fields.duration(action.getIdleTimeout(), path + ".idle_timeout")
            : null,
        action.hasRetryPolicy()
            ? RetryReader.read(action.getRetryPolicy(), path + ".retry_policy")
            : RetryReader.read(host.getRetryPolicy(), path + ".retry_policy"),
        RouteReader.emptyToNull(action.getHostRewriteLiteral()),
        RouteReader.emptyToNull(action.getPrefixRewrite()),
        hashPolicies(action, path + ".hash_policy"));
  }

  private static List<HashPolicy> hashPolicies(
      io.envoyproxy.envoy.config.route.v3.RouteAction action, String path) {
    List<HashPolicy> policies = new ArrayList<>();
    for (int i = 0; i < action.getHashPolicyCount(); i++) {
      policies.add(hashPolicy(action.getHashPolicy(i), path + "[" + i + "]"));
    }
    return policies;
  }

  private static HashPolicy hashPolicy(
      io.envoyproxy.envoy.config.route.v3.RouteAction.HashPolicy policy, String path) {
    return switch (policy.getPolicySpecifierCase()) {
      case HEADER ->
          new HashPolicy.Header(
              Fields.required(policy.getHeader().getHeaderName(), path + ".header.header_name")
                  .toLowerCase(Locale.ROOT));
      case COOKIE ->
          new HashPolicy.Cookie(
              Fields.required(policy.getCookie().getName(), path + ".cookie.name"),
              policy.getCookie().getPath(),
              policy.getCookie().hasTtl()
                  ? Fields.duration(policy.getCookie().getTtl(), path + ".cookie.ttl")
                  : null);
      case CONNECTION_PROPERTIES -> {
        if (!policy.getConnectionProperties().getSourceIp()) {
          throw new InvalidField(path + ".connection_properties.source_ip", "must be true");
        }
        yield new HashPolicy.SourceIp();
      }
      case QUERY_PARAMETER, FILTER_STATE, POLICYSPECIFIER_NOT_SET ->
          throw new InvalidField(path, "must be a header, a cookie or connection_properties");
    };
  }

  private static List<WeightedCluster> clusters(
      io.envoyproxy.envoy.config.route.v3.RouteAction action,
      String path,
      List<HeaderChanges> requestHeaders,
      List<HeaderChanges> responseHeaders) {
    if (!action.hasWeightedClusters()) {
      return List.of(
          new WeightedCluster(
              Fields.required(action.getCluster(), path + ".cluster"),
              1,
              requestHeaders,
              responseHeaders));
    }
    List<WeightedCluster> clusters = new ArrayList<>();
    for (int i = 0; i < action.getWeightedClusters().getClustersCount(); i++) {
      clusters.add(
          cluster(
              action.getWeightedClusters().getClusters(i),
              "%s.weighted_clusters.clusters[%d]".formatted(path, i),
              requestHeaders,
              responseHeaders));
    }
    if (clusters.stream().noneMatch(cluster -> cluster.weight() > 0)) {
      throw new InvalidField(path + ".weighted_clusters", "must have one with a weight above 0");
    }
    return clusters;
  }

  private static WeightedCluster cluster(
      ClusterWeight cluster,
      String path,
      List<HeaderChanges> requestHeaders,
      List<HeaderChanges> responseHeaders) {
    HeaderChanges request =
        HeaderChangesReader.read(
            cluster.getRequestHeadersToAddList(),
            cluster.getRequestHeadersToRemoveList(),
            path,
            "request_headers");
    HeaderChanges response =
        HeaderChangesReader.read(
            cluster.getResponseHeadersToAddList(),
            cluster.getResponseHeadersToRemoveList(),
            path,
            "response_headers");
    return new WeightedCluster(
        Fields.required(cluster.getName(), path + ".name"),
        Integer.toUnsignedLong(cluster.getWeight().getValue()),
        RouteReader.together(request, requestHeaders),
        RouteReader.together(response, responseHeaders));
  }
}
