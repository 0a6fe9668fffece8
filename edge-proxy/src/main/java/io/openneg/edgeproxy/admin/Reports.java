package io.openneg.edgeproxy.admin;

import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.Endpoint;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.http.HttpStats;
import io.openneg.edgeproxy.listening.Listeners;
import io.openneg.edgeproxy.tcp.TcpStats;
import io.openneg.edgeproxy.upstream.UpstreamCluster;
import io.openneg.edgeproxy.upstream.UpstreamHost;
import io.openneg.edgeproxy.upstream.Upstreams;
import io.openneg.edgeproxy.xds.XdsStats;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** The state of this proxy as JSON. */
final class Reports {

  private Reports() {}

  static JsonArray clusters(Upstreams upstreams) {
    JsonArray clusters = new JsonArray();
    for (UpstreamCluster cluster : upstreams.all()) {
      JsonArray endpoints = new JsonArray();
      for (Assignment.Group group : cluster.assignment().groups()) {
        for (Endpoint endpoint : group.endpoints()) {
          endpoints.add(endpoint(cluster, group, endpoint));
        }
      }
      clusters.add(
          new JsonObject()
              .put("cluster", cluster.config().name())
              .put("draining_endpoints", cluster.leftovers())
              .put("endpoints", endpoints));
    }
    return clusters;
  }

  private static JsonObject endpoint(
      UpstreamCluster cluster, Assignment.Group group, Endpoint endpoint) {
    JsonObject json =
        new JsonObject()
            .put("address", endpoint.address().ip())
            .put("port", endpoint.address().port())
            .put("health", endpoint.health().name())
            .put("locality", group.locality())
            .put("locality_weight", group.weight())
            .put("priority", group.priority());
    UpstreamHost host = cluster.host(endpoint.address());
    return json.put("requests", host == null ? 0 : host.requests())
        .put("active", host == null ? 0 : host.active())
        .put("connections", host == null ? 0 : host.connections());
  }

  static JsonObject stats(Counters counters, Listeners listeners) {
    XdsStats xds = counters.xds();
    HttpStats http = counters.http();
    JsonObject acks = new JsonObject();
    JsonObject nacks = new JsonObject();
    for (ResourceType type : ResourceType.values()) {
      acks.put(type.label(), xds.acks(type));
      nacks.put(type.label(), xds.nacks(type));
    }
    JsonObject responses = new JsonObject();
    for (int statusClass = 1; statusClass <= 5; statusClass++) {
      responses.put(statusClass + "xx", http.responses(statusClass));
    }
    JsonObject addresses = new JsonObject();
    for (Map.Entry<String, IpPort> entry : listeners.listening().entrySet()) {
      addresses.put(entry.getKey(), entry.getValue().toString());
    }
    return new JsonObject()
        .put(
            "xds",
            new JsonObject()
                .put("connected", xds.connected())
                .put("streams", xds.streams())
                .put("updates", acks)
                .put("nacks", nacks)
                .put("last_error", xds.lastError()))
        .put(
            "http",
            new JsonObject()
                .put("responses", responses)
                .put("active", http.active.sum())
                .put("connections", http.connections.sum())
                .put("upstream_connect_failures", http.connectFailures.sum())
                .put("upstream_resets", http.upstreamResets.sum())
                .put("retries", http.retries.sum())
                .put("no_healthy", http.noHealthyHost.sum())
                .put("no_route", http.noRoute.sum())
                .put("no_cluster", http.noCluster.sum())
                .put("overflows", http.overflows.sum())
                .put("timeouts", http.timeouts.sum())
                .put("client_resets", http.clientResets.sum()))
        .put("tcp", tcp(counters.tcp()))
        .put("listeners", addresses);
  }

  private static JsonObject tcp(TcpStats tcp) {
    return new JsonObject()
        .put("connections", tcp.active.sum())
        .put("forwarded", tcp.forwarded.sum())
        .put("bytes_up", tcp.bytesUp.sum())
        .put("bytes_down", tcp.bytesDown.sum())
        .put("upstream_connect_failures", tcp.connectFailures.sum())
        .put("no_healthy", tcp.noHealthyHost.sum())
        .put("no_cluster", tcp.noCluster.sum())
        .put("overflows", tcp.overflows.sum())
        .put("idle_timeouts", tcp.idleTimeouts.sum());
  }
}
