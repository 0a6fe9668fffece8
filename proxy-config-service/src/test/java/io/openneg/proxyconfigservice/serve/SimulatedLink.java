package io.openneg.proxyconfigservice.serve;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One stream as a simulated proxy uses it, in one of the two wire forms. */
sealed interface SimulatedLink {
  /**
   * @param versions of the resources, by name, if it says them
   * @param whole whether what is not in it is gone; else it is what is removed
   */
  record Told(
      XdsType type,
      List<Any> resources,
      Map<String, String> versions,
      Set<String> removed,
      boolean whole,
      String nonce) {}

  void publish(XdsSnapshot snapshot);

  @Nullable Told next(long now);

  /** The proxy has got this. */
  void received(Told told);

  /** A message with all that there is to say about a type now, to arrive when it is run. */
  Runnable request(XdsType type, Set<String> names);

  static SimulatedLink stateOfTheWorld(Audience audience) {
    return new Whole(
        new XdsStream<>(StateOfTheWorld.FORM, ScriptedClient.ALL, audience, ScriptedClient.BOUND));
  }

  /**
   * @param had versions of what the proxy comes back with
   */
  static SimulatedLink delta(Audience audience, Map<XdsType, Map<String, String>> had) {
    return new Changes(
        new XdsStream<>(Delta.FORM, ScriptedClient.ALL, audience, ScriptedClient.BOUND), had);
  }

  /** State of the world. */
  final class Whole implements SimulatedLink {
    private final XdsStream<DiscoveryRequest, DiscoveryResponse> stream;
    private final Map<XdsType, String> nonces = new HashMap<>();

    private Whole(XdsStream<DiscoveryRequest, DiscoveryResponse> stream) {
      this.stream = stream;
    }

    @Override
    public void publish(XdsSnapshot snapshot) {
      stream.publish(snapshot);
    }

    @Override
    public @Nullable Told next(long now) {
      DiscoveryResponse response = stream.next(now);
      if (response == null) {
        return null;
      }
      XdsType type = XdsType.ofUrl(response.getTypeUrl()).orElseThrow();
      return new Told(
          type,
          response.getResourcesList(),
          Map.of(),
          Set.of(),
          type.wholeSet(),
          response.getNonce());
    }

    @Override
    public void received(Told told) {
      nonces.put(told.type(), told.nonce());
    }

    @Override
    public Runnable request(XdsType type, Set<String> names) {
      DiscoveryRequest request =
          DiscoveryRequest.newBuilder()
              .setTypeUrl(type.typeUrl())
              .setResponseNonce(nonces.getOrDefault(type, ""))
              .addAllResourceNames(names)
              .build();
      return () -> stream.receive(request);
    }
  }

  /** Delta. */
  final class Changes implements SimulatedLink {
    private final XdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream;
    private final Map<XdsType, Map<String, String>> had;
    private final Map<XdsType, String> nonces = new HashMap<>();
    private final Map<XdsType, Set<String>> asked = new HashMap<>();

    private Changes(
        XdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream,
        Map<XdsType, Map<String, String>> had) {
      this.stream = stream;
      this.had = had;
    }

    @Override
    public void publish(XdsSnapshot snapshot) {
      stream.publish(snapshot);
    }

    @Override
    public @Nullable Told next(long now) {
      DeltaDiscoveryResponse response = stream.next(now);
      return response == null
          ? null
          : new Told(
              XdsType.ofUrl(response.getTypeUrl()).orElseThrow(),
              response.getResourcesList().stream().map(Resource::getResource).toList(),
              response.getResourcesList().stream()
                  .collect(Collectors.toMap(Resource::getName, Resource::getVersion)),
              Set.copyOf(response.getRemovedResourcesList()),
              false,
              response.getNonce());
    }

    @Override
    public void received(Told told) {
      nonces.put(told.type(), told.nonce());
    }

    @Override
    public Runnable request(XdsType type, Set<String> names) {
      boolean first = !asked.containsKey(type);
      Set<String> before = first ? Set.of() : asked.getOrDefault(type, Set.of());
      Set<String> added = new HashSet<>(names);
      added.removeAll(before);
      Set<String> dropped = new HashSet<>(before);
      dropped.removeAll(names);
      asked.put(type, Set.copyOf(names));
      String nonce = nonces.remove(type);
      DeltaDiscoveryRequest request =
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(type.typeUrl())
              .setResponseNonce(nonce == null ? "" : nonce)
              .addAllResourceNamesSubscribe(added)
              .addAllResourceNamesUnsubscribe(dropped)
              .putAllInitialResourceVersions(first ? had.getOrDefault(type, Map.of()) : Map.of())
              .build();
      return () -> stream.receive(request);
    }
  }
}
