package io.openneg.edgeproxy.testing;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.openneg.edgeproxy.config.ResourceType;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Says in the words of one variant what was said in those of the other. */
final class ScriptedDelta {
  private final Map<ResourceType, Set<String>> sent = new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, Set<String>> names = new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, String> accepted = new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, String> nonces = new EnumMap<>(ResourceType.class);
  private final Map<String, String> versions = new HashMap<>();

  /** What of a wildcard type was sent before and is not among the resources is removed. */
  DeltaDiscoveryResponse response(
      ResourceType type, String version, String nonce, List<Message> resources) {
    versions.put(nonce, version);
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setSystemVersionInfo(version)
            .setNonce(nonce);
    Set<String> now = new TreeSet<>();
    for (Message message : resources) {
      Any body = message instanceof Any any ? any : Any.pack(message);
      String name = name(body);
      now.add(name);
      response.addResources(
          Resource.newBuilder().setName(name).setVersion(version).setResource(body));
    }
    Set<String> before = sent.computeIfAbsent(type, _ -> new TreeSet<>());
    if (type.wildcard()) {
      before.stream().filter(name -> !now.contains(name)).forEach(response::addRemovedResources);
      before.clear();
    }
    before.addAll(now);
    return response.build();
  }

  /** The request that state of the world would have; a wildcard type has no names. */
  DiscoveryRequest whole(DeltaDiscoveryRequest request) {
    ResourceType type = ResourceType.ofTypeUrl(request.getTypeUrl());
    if (type == null) {
      throw new AssertionError("unknown type " + request.getTypeUrl());
    }
    Set<String> all = names.computeIfAbsent(type, _ -> new TreeSet<>());
    all.addAll(request.getResourceNamesSubscribeList());
    request.getResourceNamesUnsubscribeList().forEach(all::remove);
    if (!request.getResponseNonce().isEmpty()) {
      nonces.put(type, request.getResponseNonce());
      if (!request.hasErrorDetail()) {
        accepted.put(type, versions.getOrDefault(request.getResponseNonce(), ""));
      }
    }
    DiscoveryRequest.Builder whole =
        DiscoveryRequest.newBuilder()
            .setNode(request.getNode())
            .setTypeUrl(request.getTypeUrl())
            .setVersionInfo(accepted.getOrDefault(type, ""))
            .setResponseNonce(nonces.getOrDefault(type, ""));
    if (request.hasErrorDetail()) {
      whole.setErrorDetail(request.getErrorDetail());
    }
    return type.wildcard() ? whole.build() : whole.addAllResourceNames(all).build();
  }

  private static String name(Any body) {
    try {
      return switch (ResourceType.ofTypeUrl(body.getTypeUrl())) {
        case CLUSTER -> body.unpack(Cluster.class).getName();
        case ENDPOINT -> body.unpack(ClusterLoadAssignment.class).getClusterName();
        case LISTENER -> body.unpack(Listener.class).getName();
        case ROUTE -> body.unpack(RouteConfiguration.class).getName();
        case SECRET -> body.unpack(Secret.class).getName();
        case null -> "unknown";
      };
    } catch (InvalidProtocolBufferException e) {
      return "unreadable";
    }
  }
}
