package io.openneg.edgeproxy.config;

import org.jspecify.annotations.Nullable;

/** The kinds of resources this proxy subscribes to, see the xDS protocol. */
public enum ResourceType {
  CLUSTER("Cluster", "envoy.config.cluster.v3.Cluster", true),
  ENDPOINT("ClusterLoadAssignment", "envoy.config.endpoint.v3.ClusterLoadAssignment", false),
  LISTENER("Listener", "envoy.config.listener.v3.Listener", true),
  ROUTE("RouteConfiguration", "envoy.config.route.v3.RouteConfiguration", false),
  SECRET("Secret", "envoy.extensions.transport_sockets.tls.v3.Secret", false);

  private final String label;
  private final String typeUrl;
  private final boolean wildcard;

  ResourceType(String label, String messageName, boolean wildcard) {
    this.label = label;
    this.typeUrl = "type.googleapis.com/" + messageName;
    this.wildcard = wildcard;
  }

  /** The type of that URL, or null when it is none of these. */
  public static @Nullable ResourceType ofTypeUrl(String typeUrl) {
    for (ResourceType type : values()) {
      if (type.typeUrl.equals(typeUrl)) {
        return type;
      }
    }
    return null;
  }

  /** The last part of the type URL. */
  public String label() {
    return label;
  }

  public String typeUrl() {
    return typeUrl;
  }

  /**
   * Whether all resources are subscribed to, and a response is therefore the complete set of them.
   * The others are subscribed to by name, and a response may hold some of them only.
   */
  public boolean wildcard() {
    return wildcard;
  }
}
