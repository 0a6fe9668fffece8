package io.openneg.backendservice.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.Protocol;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.backendservice.BackendServiceCommand.AddBackend;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Create;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Delete;
import io.openneg.backendservice.backendservice.BackendServiceCommand.RemoveBackend;
import io.openneg.backendservice.backendservice.BackendServiceCommand.UpdateBackend;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackendServiceDeciderTest {
  private static final String NAME = "projects/p/global/backendServices/web";
  private static final String CHECK = "projects/p/global/healthChecks/hc";
  private static final Timestamp NOW = Timestamp.newBuilder().setSeconds(7).build();
  private static final Facts FACTS = new Facts(Set.of(CHECK), List.of());

  private static Scenario<ResourceState<BackendService>, BackendServiceCommand> nothing() {
    return Scenario.of(
        new BackendServiceDecider(Catalogue.parse("lab 10.128.240.0/20: lab-a lab-b")));
  }

  private static String neg(int number) {
    return "projects/p/zones/lab-a/networkEndpointGroups/neg-" + number;
  }

  private static GroupFacts negs(int count) {
    return new GroupFacts(
        new HashSet<>(IntStream.range(0, count).mapToObj(BackendServiceDeciderTest::neg).toList()),
        Set.of());
  }

  private static Backend backend(int number) {
    return Backend.newBuilder().setGroup(neg(number)).setMaxRatePerEndpoint(100).build();
  }

  private static Create create(Backend... backends) {
    return create(
        BackendService.newBuilder().addHealthChecks(CHECK).addAllBackends(List.of(backends)));
  }

  private static Create create(BackendService.Builder wanted) {
    return new Create(NAME, 42, NOW, wanted.build(), FACTS, negs(60));
  }

  @Test
  void everyDefaultIsFilledInAndBackendsAreFactsOfTheirOwn() {
    List<BackendEvent> events = nothing().when(create(backend(0), backend(1))).events();

    BackendService made = events.getFirst().getBackendServiceCreated().getBackendService();
    assertThat(made.getBackendsList()).isEmpty();
    assertThat(made.getProtocol()).isEqualTo(Protocol.HTTP);
    assertThat(made.getLoadBalancingScheme()).isEqualTo(LoadBalancingScheme.EXTERNAL);
    assertThat(made.getTimeoutSec()).isEqualTo(30);
    assertThat(events).hasSize(3);
    Backend added = events.get(1).getBackendAdded().getBackend();
    assertThat(added.getBalancingMode()).isEqualTo(BalancingMode.RATE);
    assertThat(added.getCapacityScaler()).isEqualTo(1f);
  }

  @Test
  void thereIsExactlyOneTargetCapacity() {
    nothing()
        .when(create(backend(0).toBuilder().clearMaxRatePerEndpoint().build()))
        .thenInvalid("backend_service.backends[0]");
    nothing()
        .when(create(backend(0).toBuilder().setMaxRate(5).build()))
        .thenInvalid("backend_service.backends[0]");
    nothing()
        .when(create(backend(0).toBuilder().setMaxRatePerEndpoint(0).build()))
        .thenInvalid("backend_service.backends[0].max_rate_per_endpoint");
  }

  @Test
  void theCapacityScalerIsZeroOrFromATenthToOne() {
    for (float bad : new float[] {-1f, 0.05f, 1.1f, Float.NaN}) {
      nothing()
          .when(create(backend(0).toBuilder().setCapacityScaler(bad).build(), backend(1)))
          .thenInvalid("backend_service.backends[0].capacity_scaler");
    }
    nothing()
        .when(create(backend(0).toBuilder().setCapacityScaler(0).build()))
        .thenInvalid("backend_service.backends[0].capacity_scaler");
    assertThat(
            nothing()
                .when(create(backend(0).toBuilder().setCapacityScaler(0).build(), backend(1)))
                .events())
        .hasSize(3);
  }

  /** Seed: "Each backend service can have up to 50 NEGs." */
  @Test
  void thereAreAtMostFiftyNegs() {
    Backend[] fifty =
        IntStream.range(0, 50).mapToObj(BackendServiceDeciderTest::backend).toArray(Backend[]::new);
    Backend[] more =
        IntStream.range(0, 51).mapToObj(BackendServiceDeciderTest::backend).toArray(Backend[]::new);

    nothing().when(create(more)).thenInvalid("backend_service.backends");
    nothing()
        .after(create(fifty))
        .when(new AddBackend(NAME, backend(50), negs(60)))
        .thenRejected("BACKEND_LIMIT_EXCEEDED");
  }

  @Test
  void aGroupIsInTheServiceOnce() {
    nothing().when(create(backend(0), backend(0))).thenInvalid("backend_service.backends[1].group");
    nothing()
        .after(create(backend(0)))
        .when(new AddBackend(NAME, backend(0), negs(1)))
        .thenRejected("BACKEND_ALREADY_EXISTS");
  }

  @Test
  void everyBadFieldIsNamed() {
    nothing()
        .when(
            create(
                BackendService.newBuilder()
                    .addHealthChecks(CHECK)
                    .addHealthChecks("nonsense")
                    .setTimeoutSec(0)
                    .addBackends(backend(0).toBuilder().setGroup("nonsense"))))
        .thenInvalid(
            "backend_service.health_checks",
            "backend_service.timeout_sec",
            "backend_service.backends[0].group",
            "backend_service.health_checks[1]");
  }

  @Test
  void whatItRefersToMustExist() {
    nothing()
        .when(
            new Create(
                NAME,
                42,
                NOW,
                BackendService.newBuilder().addHealthChecks(CHECK).build(),
                new Facts(Set.of(), List.of()),
                negs(0)))
        .thenRejected("REFERENCE_NOT_FOUND");
    nothing()
        .after(create(backend(0)))
        .when(new AddBackend(NAME, backend(1), negs(1)))
        .thenRejected("REFERENCE_NOT_FOUND");
  }

  @Test
  void aGroupBeingDeletedIsRefused() {
    nothing()
        .after(create(backend(0)))
        .when(new AddBackend(NAME, backend(1), new GroupFacts(Set.of(neg(1)), Set.of(neg(1)))))
        .thenRejected("REFERENCE_BEING_DELETED");
  }

  @Test
  void backendsAreUpdatedAndRemovedByGroup() {
    var created = nothing().after(create(backend(0), backend(1)));

    var updated =
        created.after(
            new UpdateBackend(NAME, backend(0).toBuilder().setCapacityScaler(0.5f).build()));
    var removed = updated.after(new RemoveBackend(NAME, neg(1)));

    BackendService service = Objects.requireNonNull(removed.state().resource());
    assertThat(service.getBackendsList()).hasSize(1);
    assertThat(service.getBackends(0).getCapacityScaler()).isEqualTo(0.5f);
    removed.when(new RemoveBackend(NAME, neg(1))).thenRejected("BACKEND_NOT_FOUND");
    removed.when(new UpdateBackend(NAME, backend(1))).thenRejected("BACKEND_NOT_FOUND");
  }

  @Test
  void aUsedServiceIsNotDeletedAndItsUsersAreNamed() {
    var refusal =
        nothing()
            .after(create(backend(0)))
            .when(new Delete(NAME, new Facts(Set.of(), List.of("map"))))
            .thenRejected("RESOURCE_IN_USE");

    assertThat(refusal.message()).contains("map");
  }
}
