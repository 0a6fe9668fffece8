package io.openneg.proxyconfigservice.xds;

import java.util.Optional;

/**
 * The kinds of xDS resources served, in the order in which a change is sent (xDS protocol,
 * "Eventual consistency considerations": clusters, endpoints, listeners, routes); secrets depend on
 * nothing.
 */
public enum XdsType {
  CLUSTER("type.googleapis.com/envoy.config.cluster.v3.Cluster", true),
  ENDPOINTS("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", false),
  LISTENER("type.googleapis.com/envoy.config.listener.v3.Listener", true),
  ROUTES("type.googleapis.com/envoy.config.route.v3.RouteConfiguration", false),
  SECRETS("type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret", false);

  private final String typeUrl;
  private final boolean wholeSet;

  XdsType(String typeUrl, boolean wholeSet) {
    this.typeUrl = typeUrl;
    this.wholeSet = wholeSet;
  }

  public String typeUrl() {
    return typeUrl;
  }

  /**
   * Whether a state-of-the-world answer is the whole set, so that a resource which is not in it is
   * gone. Only of such types can a client subscribe to everything.
   */
  public boolean wholeSet() {
    return wholeSet;
  }

  /** The last part of the type URL, such as {@code Cluster}. */
  public String shortName() {
    return typeUrl.substring(typeUrl.lastIndexOf('.') + 1);
  }

  /** Empty when it is none of these. */
  public static Optional<XdsType> ofUrl(String typeUrl) {
    for (XdsType type : values()) {
      if (type.typeUrl.equals(typeUrl)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
