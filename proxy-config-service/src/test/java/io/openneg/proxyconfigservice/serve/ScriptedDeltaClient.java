package io.openneg.proxyconfigservice.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A client of one delta stream whose every message, and time itself, the test decides. */
final class ScriptedDeltaClient {
  private final XdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream;
  private final Map<XdsType, DeltaDiscoveryResponse> last = new EnumMap<>(XdsType.class);
  private final Map<XdsType, Map<String, String>> accepted = new EnumMap<>(XdsType.class);
  private long now = 1_000;

  ScriptedDeltaClient(Audience audience) {
    this.stream = new XdsStream<>(Delta.FORM, ScriptedClient.ALL, audience, ScriptedClient.BOUND);
  }

  ScriptedDeltaClient(Audience audience, XdsSnapshot snapshot) {
    this(audience);
    stream.publish(snapshot);
  }

  void publish(XdsSnapshot snapshot) {
    stream.publish(snapshot);
  }

  void subscribe(XdsType type, String... names) {
    stream.receive(request(type).addAllResourceNamesSubscribe(Arrays.asList(names)).build());
  }

  void unsubscribe(XdsType type, String... names) {
    stream.receive(request(type).addAllResourceNamesUnsubscribe(Arrays.asList(names)).build());
  }

  /** The first request of a client that comes back with what another one has accepted. */
  void resume(XdsType type, Map<String, String> versions, String... names) {
    accepted.put(type, new TreeMap<>(versions));
    stream.receive(
        request(type)
            .putAllInitialResourceVersions(versions)
            .addAllResourceNamesSubscribe(Arrays.asList(names))
            .build());
  }

  void ack(XdsType type) {
    DeltaDiscoveryResponse response = response(type);
    for (Resource resource : response.getResourcesList()) {
      versions(type).put(resource.getName(), resource.getVersion());
    }
    versions(type).keySet().removeAll(response.getRemovedResourcesList());
    stream.receive(request(type).setResponseNonce(response.getNonce()).build());
  }

  void ackOf(XdsType type, String nonce, String... names) {
    stream.receive(
        request(type)
            .setResponseNonce(nonce)
            .addAllResourceNamesSubscribe(Arrays.asList(names))
            .build());
  }

  void nack(XdsType type, String error) {
    stream.receive(
        request(type)
            .setResponseNonce(nonce(type))
            .setErrorDetail(Status.newBuilder().setMessage(error))
            .build());
  }

  private static DeltaDiscoveryRequest.Builder request(XdsType type) {
    return DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.typeUrl());
  }

  String nonce(XdsType type) {
    return response(type).getNonce();
  }

  DeltaDiscoveryResponse response(XdsType type) {
    DeltaDiscoveryResponse response = last.get(type);
    if (response == null) {
      throw new AssertionError("no response of type " + type + " yet");
    }
    return response;
  }

  /** What it has accepted, by name. */
  Map<String, String> versions(XdsType type) {
    return accepted.computeIfAbsent(type, _ -> new TreeMap<>());
  }

  void passes(Duration time) {
    now += time.toNanos();
  }

  /** The next thing sent is of this type and has exactly these; of what is removed "-name". */
  void expect(XdsType type, String... resources) {
    DeltaDiscoveryResponse response = stream.next(now);
    if (response == null) {
      throw new AssertionError("nothing sent instead of " + type);
    }
    last.put(XdsType.ofUrl(response.getTypeUrl()).orElseThrow(), response);
    assertThat(response.getTypeUrl()).isEqualTo(type.typeUrl());
    List<String> told = new ArrayList<>();
    response.getResourcesList().forEach(resource -> told.add(resource.getName()));
    response.getRemovedResourcesList().forEach(name -> told.add("-" + name));
    assertThat(told).containsExactly(resources);
  }

  /** The next thing sent is this, and the client accepts it. */
  void accepts(XdsType type, String... resources) {
    expect(type, resources);
    ack(type);
  }

  void expectNothing() {
    assertThat(stream.next(now)).isNull();
  }

  ProxyStatus.Type status(XdsType type) {
    return stream.report().types().stream()
        .filter(one -> one.type() == type)
        .findFirst()
        .orElseThrow();
  }

  List<ResourceState> resources() {
    return stream.report().resources();
  }

  List<String> awaited() {
    return stream.report().awaited();
  }

  List<Subscription.Parked> refusals(XdsType type) {
    return stream.report().refusals().getOrDefault(type, List.of());
  }
}
