package io.openneg.edgeproxy.xds;

import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;

/**
 * Who this proxy is to the control plane.
 *
 * @param region "" if unknown
 * @param zone "" if unknown
 */
public record NodeIdentity(String id, String region, String zone) {

  private static final String USER_AGENT = "openneg-edge-proxy";

  Node toNode() {
    String version = NodeIdentity.class.getPackage().getImplementationVersion();
    return Node.newBuilder()
        .setId(id)
        .setCluster(USER_AGENT)
        .setLocality(Locality.newBuilder().setRegion(region).setZone(zone))
        .setUserAgentName(USER_AGENT)
        .setUserAgentVersion(version == null ? "development" : version)
        .build();
  }
}
