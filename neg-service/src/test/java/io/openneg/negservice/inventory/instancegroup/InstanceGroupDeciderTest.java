package io.openneg.negservice.inventory.instancegroup;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Decision.Accepted;
import io.openneg.eventlog.Decision.Rejected;
import io.openneg.eventlog.Rejection;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NamedPort;
import io.openneg.neg.v1.NegEvent;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.AddInstances;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.ConcludeDeletion;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.Create;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.Interface;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.RemoveInstances;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.SetNamedPorts;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.StartDeletion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class InstanceGroupDeciderTest {
  private static final String ZONE = "projects/p/zones/eu-west1-b";
  private static final String NAME = ZONE + "/instanceGroups/ig";
  private static final String NETWORK = "projects/p/global/networks/default";
  private static final long ID = 7;
  private static final InstanceGroupDecider DECIDER = new InstanceGroupDecider();

  private InstanceGroupState state = DECIDER.initial();
  // What a reader of the stream has put together.
  private final Set<String> endpoints = new TreeSet<>();

  private List<String> accept(InstanceGroupCommand command) {
    return switch (DECIDER.decide(state, command)) {
      case Accepted<NegEvent>(List<NegEvent> events) -> {
        for (NegEvent event : events) {
          state = DECIDER.evolve(state, event);
          follow(event);
        }
        yield events.stream().map(event -> event.getEventCase().name()).toList();
      }
      case Rejected<NegEvent>(Rejection rejection) ->
          throw new AssertionError("refused: " + rejection);
    };
  }

  private void follow(NegEvent event) {
    if (event.hasEndpointAttached()) {
      var endpoint = event.getEndpointAttached().getNetworkEndpoint();
      assertThat(
              endpoints.add(
                  endpoint.getInstance()
                      + "="
                      + endpoint.getIpAddress()
                      + ":"
                      + endpoint.getPort()))
          .as("%s is attached once", endpoint)
          .isTrue();
    } else if (event.hasEndpointDetached()) {
      var gone = event.getEndpointDetached();
      assertThat(
              endpoints.removeIf(e -> e.endsWith("=" + gone.getIpAddress() + ":" + gone.getPort())))
          .as("%s was attached", gone)
          .isTrue();
    } else if (event.hasInstanceGroupDeleted()) {
      endpoints.clear();
    }
  }

  private String refused(InstanceGroupCommand command) {
    Decision<NegEvent> decision = DECIDER.decide(state, command);
    return decision instanceof Rejected<NegEvent>(Rejection rejection)
        ? rejection.reason()
        : decision.toString();
  }

  private static Create create(NamedPort... ports) {
    return new Create(
        NAME,
        ID,
        Timestamp.getDefaultInstance(),
        InstanceGroup.newBuilder().addAllNamedPorts(List.of(ports)).build());
  }

  private static NamedPort port(String name, int port) {
    return NamedPort.newBuilder().setName(name).setPort(port).build();
  }

  private static SetNamedPorts ports(NamedPort... ports) {
    return new SetNamedPorts(NAME, List.of(ports), "");
  }

  private static String vm(int number) {
    return ZONE + "/instances/vm-" + number;
  }

  private static AddInstances add(int... numbers) {
    List<String> names = new ArrayList<>();
    Map<String, Interface> interfaces = new HashMap<>();
    for (int number : numbers) {
      names.add(vm(number));
      interfaces.put(
          vm(number), new Interface(NETWORK, "10.0.%d.%d".formatted(number / 256, number % 256)));
    }
    return new AddInstances(NAME, names, interfaces);
  }

  @Test
  void aMemberServesAtEachNamedPortOnce() {
    accept(create(port("http", 80), port("web", 80), port("http", 8080)));
    assertThat(accept(add(1)))
        .containsExactly("INSTANCES_ADDED", "ENDPOINT_ATTACHED", "ENDPOINT_ATTACHED");
    assertThat(endpoints).containsExactly("vm-1=10.0.0.1:80", "vm-1=10.0.0.1:8080");
  }

  @Test
  void otherPortsMoveTheEndpointsAndOtherNamesDoNot() {
    accept(create(port("http", 80)));
    accept(add(1, 2));
    assertThat(accept(ports(port("web", 80)))).containsExactly("NAMED_PORTS_SET");
    accept(ports(port("web", 80), port("web", 81)));
    assertThat(endpoints).hasSize(4);
    assertThat(accept(ports(port("web", 81))))
        .containsExactly("NAMED_PORTS_SET", "ENDPOINT_DETACHED", "ENDPOINT_DETACHED");
    assertThat(endpoints).containsExactly("vm-1=10.0.0.1:81", "vm-2=10.0.0.2:81");
  }

  @Test
  void endpointsGoWithTheirMember() {
    accept(create(port("http", 80)));
    accept(add(1, 2));
    assertThat(accept(new RemoveInstances(NAME, List.of(vm(1)))))
        .containsExactly("ENDPOINT_DETACHED", "INSTANCES_REMOVED");
    assertThat(endpoints).containsExactly("vm-2=10.0.0.2:80");
  }

  @Test
  void aGroupTakesTenThousandEndpoints() {
    accept(create());
    int[] all = java.util.stream.IntStream.rangeClosed(1, 2_000).toArray();
    accept(add(all));
    NamedPort[] six = new NamedPort[6];
    for (int i = 0; i < six.length; i++) {
      six[i] = port("p", 80 + i);
    }
    assertThat(refused(ports(six))).isEqualTo("ENDPOINT_LIMIT_EXCEEDED");
    accept(ports(java.util.Arrays.copyOf(six, 5)));
    assertThat(endpoints).hasSize(10_000);
    accept(new RemoveInstances(NAME, List.of(vm(1))));
    accept(add(1));
    accept(new RemoveInstances(NAME, List.of(vm(1), vm(2))));
    accept(ports(java.util.Arrays.copyOf(six, 4)));
    assertThat(endpoints).hasSize(1_998 * 4);
  }

  @Test
  void whileItsDeletionIsUndecidedNothingChanges() {
    accept(create(port("http", 80)));
    accept(add(1));
    assertThat(accept(new StartDeletion(NAME))).containsExactly("INSTANCE_GROUP_DELETION_STARTED");
    assertThat(accept(new StartDeletion(NAME))).as("joins the one under way").isEmpty();
    for (InstanceGroupCommand change :
        List.of(add(2), new RemoveInstances(NAME, List.of(vm(1))), ports())) {
      assertThat(refused(change)).isEqualTo("DELETION_IN_PROGRESS");
    }
    assertThat(accept(new ConcludeDeletion(NAME, ID, 0, List.of("a service"))))
        .containsExactly("INSTANCE_GROUP_DELETION_REFUSED");
    accept(add(2));
    assertThat(endpoints).hasSize(2);
  }

  @Test
  void anAnswerSettlesTheDeletionItWasAskedForOnly() {
    accept(create());
    accept(new StartDeletion(NAME));
    accept(new ConcludeDeletion(NAME, ID, 0, List.of("a service")));
    assertThat(accept(new ConcludeDeletion(NAME, ID, 0, List.of()))).isEmpty();
    accept(new StartDeletion(NAME));
    assertThat(accept(new ConcludeDeletion(NAME, ID, 0, List.of()))).isEmpty();
    assertThat(accept(new ConcludeDeletion(NAME, ID + 1, 1, List.of()))).isEmpty();
    assertThat(accept(new ConcludeDeletion(NAME, ID, 1, List.of())))
        .containsExactly("INSTANCE_GROUP_DELETED");
    assertThat(accept(new ConcludeDeletion(NAME, ID, 1, List.of()))).isEmpty();
    assertThat(refused(new StartDeletion(NAME))).isEqualTo("NOT_FOUND");
  }

  /** Whatever happens, the endpoints told are the members times the ports. */
  @Test
  void endpointsAreAlwaysMembersTimesPorts() {
    Random random = new Random(1);
    accept(create());
    Map<Integer, String> members = new TreeMap<>();
    Set<Integer> ports = new TreeSet<>();
    for (int step = 0; step < 5_000; step++) {
      int number = 1 + random.nextInt(20);
      switch (random.nextInt(3)) {
        case 0 -> {
          if (members.putIfAbsent(number, vm(number)) == null) {
            accept(add(number));
          } else {
            assertThat(refused(add(number))).isEqualTo("INSTANCE_ALREADY_MEMBER");
          }
        }
        case 1 -> {
          RemoveInstances remove = new RemoveInstances(NAME, List.of(vm(number)));
          if (members.remove(number) == null) {
            assertThat(refused(remove)).isEqualTo("INSTANCE_NOT_MEMBER");
          } else {
            accept(remove);
          }
        }
        default -> {
          Set<NamedPort> wanted = new java.util.LinkedHashSet<>();
          ports.clear();
          for (int i = random.nextInt(4); i > 0; i--) {
            NamedPort port = port(random.nextBoolean() ? "a" : "b", 80 + random.nextInt(4));
            wanted.add(port);
            ports.add(port.getPort());
          }
          accept(new SetNamedPorts(NAME, List.copyOf(wanted), ""));
        }
      }
      Set<String> expected = new TreeSet<>();
      for (int member : members.keySet()) {
        ports.forEach(port -> expected.add("vm-%d=10.0.0.%d:%d".formatted(member, member, port)));
      }
      assertThat(endpoints).isEqualTo(expected);
    }
  }
}
