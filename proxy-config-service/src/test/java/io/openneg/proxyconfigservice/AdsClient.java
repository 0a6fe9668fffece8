package io.openneg.proxyconfigservice;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on a real connection that wants every listener and cluster, accepts everything, and
 * reconnects with the versions it has, as Envoy does.
 */
final class AdsClient implements AutoCloseable {
  private final Map<XdsType, String> versions = new EnumMap<>(XdsType.class);
  private final Map<XdsType, List<Any>> held = new EnumMap<>(XdsType.class);
  private final Map<XdsType, List<String>> names = new EnumMap<>(XdsType.class);
  private final List<DiscoveryResponse> received = new CopyOnWriteArrayList<>();
  private volatile Reaction reaction = Reaction.ACCEPT;
  private @Nullable ManagedChannel channel;
  private @Nullable StreamObserver<DiscoveryRequest> requests;

  /** What it does with an answer. */
  enum Reaction {
    ACCEPT,
    REFUSE,
    SAY_NOTHING
  }

  void reactsWith(Reaction next) {
    reaction = next;
  }

  synchronized void connect(int port) {
    received.clear();
    ManagedChannel opened =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    channel = opened;
    requests =
        AggregatedDiscoveryServiceGrpc.newStub(opened)
            .withWaitForReady()
            .streamAggregatedResources(
                new StreamObserver<>() {
                  @Override
                  public void onNext(DiscoveryResponse response) {
                    accept(response);
                  }

                  @Override
                  public void onError(Throwable error) {
                    // The server was killed, or the test is over.
                  }

                  @Override
                  public void onCompleted() {}
                });
    names.put(XdsType.CLUSTER, List.of());
    names.put(XdsType.LISTENER, List.of());
    names.keySet().forEach(type -> send(request(type, "")));
  }

  private synchronized void accept(DiscoveryResponse response) {
    XdsType type = XdsType.ofUrl(response.getTypeUrl()).orElseThrow();
    received.add(response);
    if (reaction == Reaction.SAY_NOTHING) {
      return;
    }
    if (reaction == Reaction.REFUSE) {
      send(
          request(type, response.getNonce())
              .setErrorDetail(Status.newBuilder().setMessage("no such thing here")));
      return;
    }
    versions.put(type, response.getVersionInfo());
    held.put(type, response.getResourcesList());
    send(request(type, response.getNonce()));
    if (type == XdsType.CLUSTER) {
      subscribe(XdsType.ENDPOINTS, all(XdsType.CLUSTER, Cluster.class, Cluster::getName));
    } else if (type == XdsType.LISTENER) {
      subscribe(XdsType.ROUTES, all(XdsType.LISTENER, Listener.class, AdsClient::routeName));
    }
  }

  private void subscribe(XdsType type, List<String> wanted) {
    if (!wanted.equals(names.get(type))) {
      names.put(type, wanted);
      send(
          request(
              type,
              received.stream()
                  .filter(response -> response.getTypeUrl().equals(type.typeUrl()))
                  .map(DiscoveryResponse::getNonce)
                  .reduce("", (_, last) -> last)));
    }
  }

  private DiscoveryRequest.Builder request(XdsType type, String nonce) {
    return DiscoveryRequest.newBuilder()
        .setNode(Node.newBuilder().setId("it-proxy"))
        .setTypeUrl(type.typeUrl())
        .setVersionInfo(versions.getOrDefault(type, ""))
        .setResponseNonce(nonce)
        .addAllResourceNames(names.getOrDefault(type, List.of()));
  }

  private void send(DiscoveryRequest.Builder request) {
    StreamObserver<DiscoveryRequest> open = requests;
    if (open != null) {
      open.onNext(request.build());
    }
  }

  private <T extends Message> List<String> all(
      XdsType type, Class<T> message, Function<T, String> text) {
    List<String> texts = new ArrayList<>();
    for (Any any : held.getOrDefault(type, List.of())) {
      try {
        texts.add(text.apply(any.unpack(message)));
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
    return texts;
  }

  private static String routeName(Listener listener) {
    try {
      return listener
          .getFilterChains(0)
          .getFilters(0)
          .getTypedConfig()
          .unpack(HttpConnectionManager.class)
          .getRds()
          .getRouteConfigName();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** The types of what came since the last connect, in order. */
  List<XdsType> received() {
    return received.stream()
        .map(response -> XdsType.ofUrl(response.getTypeUrl()).orElseThrow())
        .toList();
  }

  synchronized List<String> listeners() {
    return all(XdsType.LISTENER, Listener.class, Listener::getName);
  }

  /** Every endpoint of every cluster with its health, as "HEALTHY 10.0.0.1:8080". */
  synchronized List<String> endpoints() {
    List<String> endpoints = new ArrayList<>();
    all(
        XdsType.ENDPOINTS,
        ClusterLoadAssignment.class,
        assignment -> {
          assignment.getEndpointsList().stream()
              .flatMap(locality -> locality.getLbEndpointsList().stream())
              .forEach(
                  found -> {
                    var socket = found.getEndpoint().getAddress().getSocketAddress();
                    endpoints.add(
                        "%s %s:%d"
                            .formatted(
                                found.getHealthStatus(),
                                socket.getAddress(),
                                socket.getPortValue()));
                  });
          return assignment.getClusterName();
        });
    return endpoints.stream().sorted().toList();
  }

  synchronized void disconnect() {
    if (channel != null) {
      channel.shutdownNow();
      channel = null;
      requests = null;
    }
  }

  @Override
  public void close() {
    disconnect();
  }
}
