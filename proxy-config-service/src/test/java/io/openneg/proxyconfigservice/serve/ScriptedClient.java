package io.openneg.proxyconfigservice.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A client of one stream whose every message, and time itself, the test decides. */
final class ScriptedClient {
  static final Duration BOUND = Duration.ofSeconds(5);
  static final Set<XdsType> ALL = Set.of(XdsType.values());
  static final Audience ENVOY = new Audience(false, "");
  static final Audience GRPC = new Audience(true, "");

  private final XdsStream<DiscoveryRequest, DiscoveryResponse> stream;
  private final Map<XdsType, DiscoveryResponse> last = new EnumMap<>(XdsType.class);
  private final Map<XdsType, String> accepted = new EnumMap<>(XdsType.class);
  private final Map<XdsType, List<String>> names = new EnumMap<>(XdsType.class);
  private long now = 1_000;

  ScriptedClient(Audience audience) {
    this.stream = new XdsStream<>(StateOfTheWorld.FORM, ALL, audience, BOUND);
  }

  ScriptedClient(Audience audience, XdsSnapshot snapshot) {
    this(audience);
    stream.publish(snapshot);
  }

  void publish(XdsSnapshot snapshot) {
    stream.publish(snapshot);
  }

  /** Asks for names, with the version and nonce that this client has of the type. */
  void subscribe(XdsType type, String... wanted) {
    names.put(type, List.of(wanted));
    stream.receive(request(type, nonce(type)).build());
  }

  /** The first request of a client that comes back with a version. */
  void resume(XdsType type, String version, String... wanted) {
    accepted.put(type, version);
    subscribe(type, wanted);
  }

  void ack(XdsType type) {
    accepted.put(type, response(type).getVersionInfo());
    stream.receive(request(type, nonce(type)).build());
  }

  void nack(XdsType type, String error) {
    stream.receive(
        request(type, nonce(type)).setErrorDetail(Status.newBuilder().setMessage(error)).build());
  }

  /** A message with a nonce of the past. */
  void send(XdsType type, String nonce, String... wanted) {
    stream.receive(
        request(type, nonce)
            .clearResourceNames()
            .addAllResourceNames(Arrays.asList(wanted))
            .build());
  }

  private DiscoveryRequest.Builder request(XdsType type, String nonce) {
    return DiscoveryRequest.newBuilder()
        .setTypeUrl(type.typeUrl())
        .setVersionInfo(accepted.getOrDefault(type, ""))
        .setResponseNonce(nonce)
        .addAllResourceNames(names.getOrDefault(type, List.of()));
  }

  String nonce(XdsType type) {
    DiscoveryResponse response = last.get(type);
    return response == null ? "" : response.getNonce();
  }

  String version(XdsType type) {
    return response(type).getVersionInfo();
  }

  DiscoveryResponse response(XdsType type) {
    DiscoveryResponse response = last.get(type);
    if (response == null) {
      throw new AssertionError("no response of type " + type + " yet");
    }
    return response;
  }

  void passes(Duration time) {
    now += time.toNanos();
  }

  boolean wantsToBeWokenWithin(Duration time) {
    return stream.wakeAt() - now <= time.toNanos();
  }

  private @Nullable DiscoveryResponse next() {
    DiscoveryResponse response = stream.next(now);
    if (response != null) {
      last.put(type(response), response);
    }
    return response;
  }

  /** The next thing sent is of this type and has exactly these resources. */
  void expect(XdsType type, String... resources) {
    DiscoveryResponse response = next();
    if (response == null) {
      throw new AssertionError("nothing sent instead of " + type);
    }
    assertThat(response.getTypeUrl()).isEqualTo(type.typeUrl());
    assertThat(response.getResourcesList().stream().map(ScriptedClient::name))
        .containsExactly(resources);
  }

  /** The next thing sent is this, and the client accepts it. */
  void accepts(XdsType type, String... resources) {
    expect(type, resources);
    ack(type);
  }

  void expectNothing() {
    DiscoveryResponse response = next();
    assertThat(response).isNull();
  }

  List<ResourceState> resources() {
    return stream.report().resources();
  }

  List<ProxyStatus.Type> status() {
    return stream.report().types();
  }

  <T extends com.google.protobuf.Message> T only(XdsType type, Class<T> resource) {
    assertThat(response(type).getResourcesList()).hasSize(1);
    return unpack(response(type).getResources(0), resource);
  }

  private static XdsType type(DiscoveryResponse response) {
    return XdsType.ofUrl(response.getTypeUrl()).orElseThrow();
  }

  private static String name(Any resource) {
    return switch (XdsType.ofUrl(resource.getTypeUrl()).orElseThrow()) {
      case CLUSTER -> unpack(resource, Cluster.class).getName();
      case ENDPOINTS -> unpack(resource, ClusterLoadAssignment.class).getClusterName();
      case LISTENER -> unpack(resource, Listener.class).getName();
      case ROUTES -> unpack(resource, RouteConfiguration.class).getName();
      case SECRETS -> unpack(resource, Secret.class).getName();
    };
  }

  private static <T extends com.google.protobuf.Message> T unpack(Any any, Class<T> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
