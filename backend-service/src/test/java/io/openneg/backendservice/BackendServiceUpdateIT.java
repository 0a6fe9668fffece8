package io.openneg.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import io.grpc.Status.Code;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendService.SessionAffinity;
import io.openneg.backend.v1.ConsistentHash;
import io.openneg.backend.v1.DeleteHealthCheckRequest;
import io.openneg.backend.v1.FenceGroupRequest;
import io.openneg.backend.v1.GetBackendServiceRequest;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.ListBackendServicesRequest;
import io.openneg.backend.v1.ListHealthChecksRequest;
import io.openneg.backend.v1.LocalityLbPolicy;
import io.openneg.backend.v1.Protocol;
import io.openneg.backend.v1.UpdateBackendServiceRequest;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Updates of backend services over a real channel, on a real database. */
@QuarkusTest
@WithTestResource(BackendServiceResource.class)
@SuppressWarnings("NullAway.Init") // Quarkus and JUnit set the fields
class BackendServiceUpdateIT {
  @TestHTTPResource URI service;

  @ConfigProperty(name = "openneg.neg-service")
  String negService;

  private FakeNegService negs;
  private BackendClient client;
  private String check;

  @BeforeEach
  void connect() throws Exception {
    negs =
        FakeNegService.start(Integer.parseInt(negService.substring(negService.indexOf(':') + 1)));
    client = new BackendClient(service, "p-" + UUID.randomUUID().toString().substring(0, 8));
    check = client.createHealthCheck("hc").getName();
  }

  @AfterEach
  void disconnect() {
    client.close();
    negs.close();
  }

  private BackendService update(BackendService.Builder wanted, String... fields) {
    return client.backendServices.updateBackendService(
        UpdateBackendServiceRequest.newBuilder()
            .setBackendService(wanted)
            .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(fields)))
            .build());
  }

  @Test
  void anUpdateIsReadBackWithItsReferencesMoved() {
    String old = negs.with(client.neg("old"), 7);
    String kept = negs.with(client.neg("kept"), 8);
    String young = negs.with(client.neg("young"), 9);
    String otherCheck = client.createHealthCheck("hc-2").getName();
    BackendService web = client.createBackendService("web", check, old, kept);

    BackendService updated =
        update(
            web.toBuilder()
                .setTimeoutSec(5)
                .clearHealthChecks()
                .addHealthChecks(otherCheck)
                .clearBackends()
                .addBackends(web.getBackends(1))
                .addBackends(BackendClient.backend(young)));

    assertThat(updated.getTimeoutSec()).isEqualTo(5);
    assertThat(updated.getBackendsList().stream().map(Backend::getGroup))
        .containsExactly(kept, young);
    assertThat(updated.getChangeToken()).isEqualTo(web.getName() + "@6");
    assertThat(
            client.backendServices.getBackendService(
                GetBackendServiceRequest.newBuilder().setName(web.getName()).build()))
        .isEqualTo(updated);
    assertThat(users(old, 7)).isEmpty();
    assertThat(users(kept, 8)).containsExactly(web.getName());
    assertThat(users(young, 9)).containsExactly(web.getName());
    deleteCheck(check);
    assertThat(
            Refusal.of(() -> deleteCheck(otherCheck))
                .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE")
                .subjects())
        .containsExactly(web.getName());
  }

  private List<String> users(String neg, long id) {
    return client
        .negReferences
        .fenceGroup(FenceGroupRequest.newBuilder().setName(neg).setId(id).build())
        .getUsersList();
  }

  private void deleteCheck(String name) {
    var _ =
        client.healthChecks.deleteHealthCheck(
            DeleteHealthCheckRequest.newBuilder().setName(name).build());
  }

  @Test
  void aGroupBeingDeletedIsNotTakenUpByAnUpdate() {
    String neg = negs.with(client.neg("gone"), 7);
    BackendService web = client.createBackendService("web", check, neg);
    var _ = update(web.toBuilder().clearBackends(), "backends");
    assertThat(users(neg, 7)).isEmpty();

    Refusal.of(() -> update(web.toBuilder().clearFingerprint(), "backends"))
        .is(Code.FAILED_PRECONDITION, "REFERENCE_BEING_DELETED");
  }

  @Test
  void whoHasNotSeenAChangeDoesNotUndoIt() {
    BackendService seen = client.createBackendService("web", check);
    assertThat(seen.getFingerprint()).isNotEmpty();
    BackendService changed = update(seen.toBuilder().setDescription("one"), "description");

    assertThat(changed.getFingerprint()).isNotEqualTo(seen.getFingerprint());
    Refusal.of(() -> update(seen.toBuilder().setDescription("two"), "description"))
        .is(Code.FAILED_PRECONDITION, "CONDITION_NOT_MET");
    assertThat(update(changed.toBuilder().setDescription("two")).getDescription()).isEqualTo("two");
  }

  @Test
  void behindAUrlMapAServiceStaysOfItsLoadBalancer() {
    BackendService web = client.createBackendService("web", check);
    String map = client.createUrlMap("map", web.getName()).getName();

    assertThat(
            Refusal.of(() -> update(web.toBuilder().setProtocol(Protocol.TCP), "protocol"))
                .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE")
                .subjects())
        .containsExactly(map);
    assertThat(update(web.toBuilder().setProtocol(Protocol.HTTP2), "protocol").getProtocol())
        .isEqualTo(Protocol.HTTP2);
  }

  @Test
  void policiesThatNeedEachOtherComeTogether() {
    BackendService web = client.createBackendService("web", check);
    BackendService.Builder kept =
        BackendService.newBuilder()
            .setName(web.getName())
            .setSessionAffinity(SessionAffinity.HEADER_FIELD)
            .setLocalityLbPolicy(LocalityLbPolicy.MAGLEV)
            .setConsistentHash(ConsistentHash.newBuilder().setHttpHeaderName("X-User"));

    assertThat(
            Refusal.of(() -> update(kept, "session_affinity"))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly(
            "backend_service.locality_lb_policy",
            "backend_service.consistent_hash.http_header_name");
    BackendService updated =
        update(kept, "session_affinity", "locality_lb_policy", "consistent_hash");
    assertThat(updated)
        .isEqualTo(
            web.toBuilder()
                .setSessionAffinity(SessionAffinity.HEADER_FIELD)
                .setLocalityLbPolicy(LocalityLbPolicy.MAGLEV)
                .setConsistentHash(kept.getConsistentHash())
                .setChangeToken(updated.getChangeToken())
                .setFingerprint(updated.getFingerprint())
                .build());
  }

  @Test
  void listsHoldWhatPassesTheFilter() {
    String web = client.createBackendService("web", check).getName();
    BackendService api = client.createBackendService("api", check);
    api = update(api.toBuilder().setProtocol(Protocol.GRPC), "protocol");

    assertThat(services("")).containsExactly(api.getName(), web);
    assertThat(services("protocol = GRPC")).containsExactly(api.getName());
    assertThat(services("name eq w.*")).containsExactly(web);
    assertThat(checks("name eq hc")).containsExactly(check);
    assertThat(checks("check_interval_sec > 5")).isEmpty();
    Refusal.of(() -> services("colour = red")).is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    Refusal.of(() -> checks("colour = red")).is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
  }

  private List<String> services(String filter) {
    return client
        .backendServices
        .listBackendServices(
            ListBackendServicesRequest.newBuilder()
                .setParent(client.parent)
                .setFilter(filter)
                .build())
        .getBackendServicesList()
        .stream()
        .map(BackendService::getName)
        .toList();
  }

  private List<String> checks(String filter) {
    return client
        .healthChecks
        .listHealthChecks(
            ListHealthChecksRequest.newBuilder().setParent(client.parent).setFilter(filter).build())
        .getHealthChecksList()
        .stream()
        .map(HealthCheck::getName)
        .toList();
  }
}
