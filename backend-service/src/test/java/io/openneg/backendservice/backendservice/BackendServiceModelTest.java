package io.openneg.backendservice.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.Protocol;
import io.openneg.backendservice.backendservice.BackendServiceCommand.AddBackend;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Create;
import io.openneg.backendservice.backendservice.BackendServiceCommand.RemoveBackend;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Update;
import io.openneg.backendservice.backendservice.BackendServiceCommand.UpdateBackend;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Decision.Accepted;
import io.openneg.eventlog.Decision.Rejected;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Random commands against a model that keeps a map and knows two rules. */
class BackendServiceModelTest {
  private static final String NAME = "projects/p/global/backendServices/web";
  private static final int GROUPS = 6;
  private static final GroupFacts NEGS =
      new GroupFacts(
          IntStream.range(0, GROUPS)
              .mapToObj(BackendServiceModelTest::neg)
              .collect(Collectors.toSet()),
          Set.of());
  private static final Facts FACTS = new Facts(Set.of(), List.of());

  private final BackendServiceDecider decider =
      new BackendServiceDecider(Catalogue.parse("lab 10.128.240.0/20: lab-a lab-b"));
  private ResourceState<BackendService> state = decider.initial();

  /**
   * What the service is to be: by group its capacity, all of the mode that the protocol asks for.
   */
  private static final class Model {
    boolean tcp;
    int timeoutSec = 30;
    final Map<String, Integer> capacities = new HashMap<>();
  }

  private static String neg(int number) {
    return "projects/p/zones/lab-a/networkEndpointGroups/neg-" + number;
  }

  private static Backend backend(String group, int capacity, boolean tcp) {
    Backend.Builder backend = Backend.newBuilder().setGroup(group);
    return tcp ? backend.setMaxConnections(capacity).build() : backend.setMaxRate(capacity).build();
  }

  @Test
  void theServiceIsWhatTheAcceptedCommandsMadeOfIt() {
    Set<String> seen = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      Model model = new Model();
      state = decider.initial();
      assertThat(
              run(
                  new Create(
                      NAME,
                      1,
                      Timestamp.getDefaultInstance(),
                      BackendService.getDefaultInstance(),
                      FACTS,
                      NEGS)))
          .isTrue();
      for (int step = 0; step < 40; step++) {
        seen.add(step(random, model));
        assertSame(model, seed);
      }
    }
    assertThat(seen)
        .as("every command was taken and refused")
        .containsExactlyInAnyOrder(
            "add true",
            "add false",
            "set true",
            "set false",
            "remove true",
            "remove false",
            "update true",
            "update false");
  }

  private String step(Random random, Model model) {
    String group = neg(random.nextInt(GROUPS));
    int capacity = 1 + random.nextInt(3);
    boolean tcp = random.nextInt(4) == 0 ? !model.tcp : model.tcp;
    boolean has = model.capacities.containsKey(group);
    return switch (random.nextInt(4)) {
      case 0 -> {
        boolean right = !has && tcp == model.tcp;
        expect(new AddBackend(NAME, backend(group, capacity, tcp), NEGS), right);
        if (right) {
          model.capacities.put(group, capacity);
        }
        yield "add " + right;
      }
      case 1 -> {
        boolean right = has && tcp == model.tcp;
        expect(new UpdateBackend(NAME, backend(group, capacity, tcp)), right);
        if (right) {
          model.capacities.put(group, capacity);
        }
        yield "set " + right;
      }
      case 2 -> {
        expect(new RemoveBackend(NAME, group), has);
        model.capacities.remove(group);
        yield "remove " + has;
      }
      default -> update(random, model);
    };
  }

  private String update(Random random, Model model) {
    boolean backends = random.nextBoolean();
    boolean tcp = random.nextBoolean();
    boolean ofOtherMode = random.nextInt(4) == 0;
    int timeoutSec = 1 + random.nextInt(3);
    Map<String, Integer> wanted = new HashMap<>();
    for (int i = 0; i < GROUPS; i++) {
      if (random.nextInt(3) > 0) {
        wanted.put(neg(i), 1 + random.nextInt(3));
      }
    }
    BackendService.Builder service =
        BackendService.newBuilder()
            .setProtocol(tcp ? Protocol.TCP : Protocol.GRPC)
            .setTimeoutSec(timeoutSec);
    wanted.forEach(
        (group, capacity) -> service.addBackends(backend(group, capacity, tcp ^ ofOtherMode)));
    boolean right =
        backends
            ? wanted.isEmpty() || !ofOtherMode
            : tcp == model.tcp || model.capacities.isEmpty();
    expect(
        new Update(
            NAME,
            service.build(),
            backends
                ? List.of("protocol", "timeout_sec", "backends")
                : List.of("protocol", "timeout_sec"),
            FACTS,
            NEGS),
        right);
    if (right) {
      model.tcp = tcp;
      model.timeoutSec = timeoutSec;
      if (backends) {
        model.capacities.clear();
        model.capacities.putAll(wanted);
      }
    }
    return "update " + right;
  }

  private void expect(BackendServiceCommand command, boolean right) {
    assertThat(run(command)).as("%s on %s", command, state).isEqualTo(right);
  }

  /** Says whether it was accepted. */
  private boolean run(BackendServiceCommand command) {
    Decision<BackendEvent> decision = decider.decide(state, command);
    return switch (decision) {
      case Accepted<BackendEvent>(List<BackendEvent> events) -> {
        events.forEach(event -> state = decider.evolve(state, event));
        yield true;
      }
      case Rejected<BackendEvent> _ -> false;
    };
  }

  private void assertSame(Model model, int seed) {
    BackendService service = Objects.requireNonNull(state.resource());
    Map<String, Integer> capacities =
        service.getBackendsList().stream()
            .collect(
                Collectors.toMap(
                    Backend::getGroup, b -> model.tcp ? b.getMaxConnections() : b.getMaxRate()));
    assertThat(capacities).as("seed %d", seed).isEqualTo(model.capacities);
    assertThat(service.getTimeoutSec()).as("seed %d", seed).isEqualTo(model.timeoutSec);
    assertThat(service.getProtocol() == Protocol.TCP).as("seed %d", seed).isEqualTo(model.tcp);
  }
}
