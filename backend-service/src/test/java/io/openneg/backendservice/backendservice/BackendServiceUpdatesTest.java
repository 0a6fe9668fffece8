package io.openneg.backendservice.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendEvent.EventCase;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.Protocol;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Create;
import io.openneg.backendservice.backendservice.BackendServiceCommand.RemoveBackend;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Update;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackendServiceUpdatesTest {
  private static final String NAME = "projects/p/global/backendServices/web";
  private static final String CHECK = "projects/p/global/healthChecks/hc";
  private static final String MAP = "projects/p/global/urlMaps/map";
  private static final Timestamp NOW = Timestamp.newBuilder().setSeconds(7).build();
  private static final Facts FACTS = new Facts(Set.of(CHECK), List.of());

  private static Scenario<ResourceState<BackendService>, BackendServiceCommand> web(
      Backend... backends) {
    return Scenario.of(
            new BackendServiceDecider(Catalogue.parse("lab 10.128.240.0/20: lab-a lab-b")))
        .after(
            new Create(
                NAME,
                42,
                NOW,
                BackendService.newBuilder()
                    .addHealthChecks(CHECK)
                    .setDescription("as it was")
                    .addAllBackends(List.of(backends))
                    .build(),
                FACTS,
                negs(60)));
  }

  private static String neg(int number) {
    return "projects/p/zones/lab-a/networkEndpointGroups/neg-" + number;
  }

  private static GroupFacts negs(int count) {
    return new GroupFacts(
        new HashSet<>(IntStream.range(0, count).mapToObj(BackendServiceUpdatesTest::neg).toList()),
        Set.of());
  }

  private static Backend backend(int number) {
    return Backend.newBuilder().setGroup(neg(number)).setMaxRatePerEndpoint(100).build();
  }

  private static Backend byConnections(int number) {
    return Backend.newBuilder().setGroup(neg(number)).setMaxConnections(100).build();
  }

  private static Update update(BackendService.Builder wanted, String... fields) {
    return new Update(NAME, wanted.build(), List.of(fields), FACTS, negs(60));
  }

  private static Update used(Update update) {
    return new Update(
        NAME, update.wanted(), update.fields(), new Facts(Set.of(CHECK), List.of(MAP)), negs(60));
  }

  private static List<EventCase> kinds(List<BackendEvent> events) {
    return events.stream().map(BackendEvent::getEventCase).toList();
  }

  private static BackendService now(
      Scenario<ResourceState<BackendService>, BackendServiceCommand> scenario) {
    return Objects.requireNonNull(scenario.state().resource());
  }

  @Test
  void onlyWhatTheMaskNamesIsReplaced() {
    var updated =
        web(backend(0)).after(update(BackendService.newBuilder().setTimeoutSec(5), "timeout_sec"));

    assertThat(now(updated)).isEqualTo(now(web(backend(0))).toBuilder().setTimeoutSec(5).build());
  }

  @Test
  void withoutAMaskWhatIsAbsentGetsItsDefault() {
    BackendService service =
        now(web(backend(0)).after(update(BackendService.newBuilder().addBackends(backend(0)))));

    assertThat(service.getDescription()).isEmpty();
    assertThat(service.getHealthChecksList()).isEmpty();
    assertThat(service.getTimeoutSec()).isEqualTo(30);
    assertThat(service.getId()).isEqualTo(42);
    assertThat(service.getCreationTimestamp()).isEqualTo(NOW);
    assertThat(service.getBackendsCount()).isEqualTo(1);
  }

  @Test
  void whatIsSentBackAsItWasReadChangesNothing() {
    var web = web(backend(0), backend(1));

    web.when(update(now(web).toBuilder().setChangeToken("x"))).thenNothing();
    web.when(
            update(
                BackendService.newBuilder().addBackends(backend(1)).addBackends(backend(0)),
                "backends"))
        .thenNothing();
  }

  @Test
  void settingsComeFirstAndOfBackendsOnlyWhatDiffers() {
    Backend changed = backend(1).toBuilder().setCapacityScaler(0.5f).build();
    var web = web(backend(0), backend(1), backend(2));
    Update update =
        update(
            BackendService.newBuilder()
                .setTimeoutSec(5)
                .addBackends(backend(3))
                .addBackends(changed)
                .addBackends(backend(2)));

    List<BackendEvent> events = web.when(update).events();

    assertThat(kinds(events))
        .containsExactly(
            EventCase.BACKEND_SERVICE_UPDATED,
            EventCase.BACKEND_REMOVED,
            EventCase.BACKEND_ADDED,
            EventCase.BACKEND_UPDATED);
    assertThat(events.getFirst().getBackendServiceUpdated().getBackendService().getBackendsList())
        .isEmpty();
    assertThat(now(web.after(update)).getBackendsList().stream().map(Backend::getGroup))
        .containsExactlyInAnyOrder(neg(1), neg(2), neg(3));
  }

  @Test
  void whoSendsAnOldFingerprintIsRefused() {
    var web = web(backend(0));
    String seen = Fingerprint.of(now(web));
    var changed = web.after(update(BackendService.newBuilder().setTimeoutSec(5), "timeout_sec"));

    changed
        .when(
            update(
                BackendService.newBuilder().setTimeoutSec(6).setFingerprint(seen), "timeout_sec"))
        .thenRejected("CONDITION_NOT_MET");
    BackendService again =
        now(
            changed.after(
                update(
                    BackendService.newBuilder()
                        .setTimeoutSec(6)
                        .setFingerprint(Fingerprint.of(now(changed))),
                    "timeout_sec")));
    assertThat(again.getTimeoutSec()).isEqualTo(6);
    assertThat(again.getFingerprint()).as("is no content of its own").isEmpty();
  }

  @Test
  void theSchemeStays() {
    web(backend(0))
        .when(
            update(
                BackendService.newBuilder()
                    .setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_MANAGED),
                "load_balancing_scheme"))
        .thenInvalid("backend_service.load_balancing_scheme");
    web(backend(0))
        .when(update(BackendService.newBuilder().setDescription("x"), "description", "id"))
        .thenInvalid("update_mask");
  }

  /** Seed: RATE for HTTP(S), CONNECTION for TCP and SSL. */
  @Test
  void aProtocolOfAnotherModeNeedsOtherBackends() {
    web(backend(0))
        .when(update(BackendService.newBuilder().setProtocol(Protocol.TCP), "protocol"))
        .thenInvalid(
            "backend_service.backends[0].balancing_mode",
            "backend_service.backends[0].max_rate_per_endpoint",
            "backend_service.backends[0]");
    BackendService tcp =
        now(
            web(backend(0))
                .after(
                    update(
                        BackendService.newBuilder()
                            .setProtocol(Protocol.TCP)
                            .addBackends(byConnections(0)),
                        "protocol",
                        "backends")));
    assertThat(tcp.getBackends(0).getMaxConnections()).isEqualTo(100);
  }

  @Test
  void whileAUrlMapUsesItItIsOfTheSameLoadBalancer() {
    Update toTcp = update(BackendService.newBuilder().setProtocol(Protocol.TCP), "protocol");
    Update toH2c = update(BackendService.newBuilder().setProtocol(Protocol.H2C), "protocol");

    assertThat(web().when(used(toTcp)).thenRejected("RESOURCE_IN_USE").message()).contains(MAP);
    assertThat(web().when(toTcp).events()).hasSize(1);
    assertThat(web().when(used(toH2c)).events()).hasSize(1);
  }

  @Test
  void onlyWhatIsNewMustBeKnownToExist() {
    Facts none = new Facts(Set.of(), List.of());
    BackendService.Builder same =
        BackendService.newBuilder().addHealthChecks(CHECK).addBackends(backend(0));
    var web = web(backend(0));

    web.when(
            new Update(
                NAME, same.clone().addBackends(backend(1)).build(), List.of(), none, negs(1)))
        .thenRejected("REFERENCE_NOT_FOUND");
    web.when(
            new Update(
                NAME,
                BackendService.newBuilder().addHealthChecks(CHECK + "-2").build(),
                List.of("health_checks"),
                none,
                negs(0)))
        .thenRejected("REFERENCE_NOT_FOUND");
    web.when(
            new Update(
                NAME,
                same.clone().addBackends(backend(1)).build(),
                List.of("backends"),
                none,
                new GroupFacts(Set.of(neg(1)), Set.of(neg(1)))))
        .thenRejected("REFERENCE_BEING_DELETED");
    assertThat(
            web.when(new Update(NAME, same.setDescription("x").build(), List.of(), none, negs(0)))
                .events())
        .hasSize(1);
  }

  @Test
  void aBackendThatBecameTheOnlyOneDoesNotKeepTheRestFromChanging() {
    var drained =
        web(backend(0).toBuilder().setCapacityScaler(0).build(), backend(1))
            .after(new RemoveBackend(NAME, neg(1)));

    assertThat(
            drained
                .when(update(BackendService.newBuilder().setTimeoutSec(5), "timeout_sec"))
                .events())
        .hasSize(1);
    assertThat(drained.when(update(now(drained).toBuilder().setTimeoutSec(5))).events()).hasSize(1);
  }
}
