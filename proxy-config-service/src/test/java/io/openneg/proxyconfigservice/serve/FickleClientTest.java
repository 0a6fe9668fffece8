package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.serve.ScriptedClient.BOUND;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.ENVOY;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.openneg.proxyconfigservice.RandomRows;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A delta client that refuses some resources for good reasons of its own, answers late or later
 * than it is waited for, and changes its mind about what it wants. The hazards: being sent the same
 * for ever, and lacking what it does not refuse.
 */
class FickleClientTest {
  private static final int RUNS = 100;
  private static final int MANY = 2_000;
  private static final List<XdsType> TYPES = List.of(XdsType.values());

  private final Map<XdsType, Map<String, String>> held = new EnumMap<>(XdsType.class);
  private final Map<XdsType, Set<String>> wanted = new EnumMap<>(XdsType.class);
  private final Deque<DeltaDiscoveryResponse> unread = new ArrayDeque<>();
  private final XdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
      new XdsStream<>(Delta.FORM, ScriptedClient.ALL, ENVOY, BOUND);
  private long now;

  @Test
  void itHasAllButWhatItRefusesAndIsLeftInPeace() {
    for (int seed = 0; seed < RUNS; seed++) {
      try {
        new FickleClientTest().run(seed);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private void run(long seed) {
    Random random = new Random(seed);
    RandomRows rows = new RandomRows(seed);
    World world = new World(rows.distinct(60));
    stream.publish(world.snapshot());
    for (XdsType type : XdsType.values()) {
      held.put(type, new HashMap<>());
      wanted.put(type, new HashSet<>());
      stream.receive(
          type.wholeSet() ? request(type).build() : ask(type, anyNames(world, type, random)));
    }
    for (int i = 0; i < 60; i++) {
      switch (random.nextInt(6)) {
        case 0 -> stream.publish(world.change(rows.distinct(1 + random.nextInt(4))));
        case 1 -> now += random.nextLong(2 * BOUND.toNanos());
        case 2 -> {
          XdsType type = TYPES.get(random.nextInt(TYPES.size()));
          stream.receive(ask(type, anyNames(world, type, random)));
        }
        case 3, 4 -> read();
        default -> send();
      }
    }
    int sent = 0;
    boolean quiet = false;
    while (!quiet) {
      boolean more = send();
      if (!more && unread.isEmpty()) {
        now += BOUND.toNanos();
        more = send();
      }
      quiet = !more && unread.isEmpty();
      sent++;
      assertThat(sent).as("answers to a client that has nothing new to say").isLessThan(MANY);
      read();
    }
    check(world.snapshot());
  }

  private boolean send() {
    DeltaDiscoveryResponse response = stream.next(now);
    if (response != null) {
      unread.addLast(response);
    }
    return response != null;
  }

  /** Names there are, were, or never were. */
  private static Set<String> anyNames(World world, XdsType type, Random random) {
    Set<String> names = new HashSet<>();
    names.add("never was");
    world.snapshot().clusters().byName().keySet().forEach(names::add);
    world.snapshot().routes().byName().keySet().forEach(names::add);
    world.snapshot().set(ENVOY, XdsType.LISTENER).byName().keySet().forEach(names::add);
    names.removeIf(_ -> random.nextBoolean());
    if (type.wholeSet()) {
      names.removeIf(_ -> random.nextInt(4) > 0);
    }
    return names;
  }

  private static DeltaDiscoveryRequest.Builder request(XdsType type) {
    return DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.typeUrl());
  }

  /** Subscribes to these, some of which it had, and gives up all others. */
  private DeltaDiscoveryRequest ask(XdsType type, Set<String> names) {
    Set<String> before = wanted.getOrDefault(type, Set.of());
    Set<String> dropped = new HashSet<>(before);
    dropped.removeAll(names);
    if (!type.wholeSet()) {
      held(type).keySet().removeAll(dropped);
    }
    wanted.put(type, names);
    return request(type)
        .addAllResourceNamesSubscribe(names)
        .addAllResourceNamesUnsubscribe(dropped)
        .build();
  }

  private Map<String, String> held(XdsType type) {
    return held.computeIfAbsent(type, _ -> new HashMap<>());
  }

  /** It takes all of a response or nothing. */
  private void read() {
    DeltaDiscoveryResponse response = unread.pollFirst();
    if (response == null) {
      return;
    }
    XdsType type = XdsType.ofUrl(response.getTypeUrl()).orElseThrow();
    DeltaDiscoveryRequest.Builder answer = request(type).setResponseNonce(response.getNonce());
    if (response.getResourcesList().stream()
        .anyMatch(resource -> refuses(resource.getName(), resource.getVersion()))) {
      stream.receive(answer.setErrorDetail(Status.newBuilder().setMessage("it is bad")).build());
      return;
    }
    for (Resource resource : response.getResourcesList()) {
      if (type.wholeSet() || wanted.getOrDefault(type, Set.of()).contains(resource.getName())) {
        held(type).put(resource.getName(), resource.getVersion());
      }
    }
    held(type).keySet().removeAll(response.getRemovedResourcesList());
    stream.receive(answer.build());
  }

  private static boolean refuses(String name, String version) {
    return (name + version).hashCode() % 4 == 0;
  }

  private void check(XdsSnapshot world) {
    for (XdsType type : XdsType.values()) {
      Set<String> names =
          type.wholeSet()
              ? world.set(ENVOY, type).byName().keySet()
              : wanted.getOrDefault(type, Set.of());
      for (String name : names) {
        @Nullable XdsResource resource = world.get(ENVOY, type, name);
        if (resource != null && !refuses(name, resource.version().toString())) {
          assertThat(held(type)).containsEntry(name, resource.version().toString());
        }
      }
      Set<String> gone = new HashSet<>(held(type).keySet());
      gone.removeIf(name -> world.get(ENVOY, type, name) != null);
      assertThat(gone).as(type + " it was not told are gone").isEmpty();
    }
    List<String> awaited = stream.report().awaited();
    assertThat(awaited).allMatch(reason -> reason.startsWith("it has not asked"));
  }
}
