package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status.Code;
import io.openneg.backend.v1.FenceGroupRequest;
import io.openneg.neg.v1.AddInstancesRequest;
import io.openneg.neg.v1.CreateInstanceGroupRequest;
import io.openneg.neg.v1.DeleteInstanceGroupRequest;
import io.openneg.neg.v1.GetInstanceGroupRequest;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NamedPort;
import io.openneg.neg.v1.NetworkInterface;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An instance group that a backend service may use is deleted as a network endpoint group is. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class InstanceGroupDeletionIT {
  private static final String USER = "projects/p/global/backendServices/web";

  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  @ConfigProperty(name = "openneg.backend-service")
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  String backendService;

  private InventoryClient client;

  @BeforeEach
  void connect() {
    client = new InventoryClient(service, "igd-" + UUID.randomUUID().toString().substring(0, 8));
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private FakeBackendService backendService() throws IOException {
    return FakeBackendService.start(
        Integer.parseInt(backendService.substring(backendService.indexOf(':') + 1)));
  }

  private InstanceGroup filled() {
    client.createInstance("vm-1", NetworkInterface.newBuilder());
    InstanceGroup group =
        client
            .groups()
            .createInstanceGroup(
                CreateInstanceGroupRequest.newBuilder()
                    .setParent(client.zone())
                    .setInstanceGroupId("ig")
                    .setInstanceGroup(
                        InstanceGroup.newBuilder()
                            .addNamedPorts(NamedPort.newBuilder().setName("http").setPort(80)))
                    .build());
    client
        .groups()
        .addInstances(
            AddInstancesRequest.newBuilder()
                .setName(client.group("ig"))
                .addInstances(client.instance("vm-1"))
                .build());
    return group;
  }

  private String delete() {
    return client
        .groups()
        .deleteInstanceGroup(
            DeleteInstanceGroupRequest.newBuilder().setName(client.group("ig")).build())
        .getChangeToken();
  }

  private InstanceGroup get() {
    return client
        .groups()
        .getInstanceGroup(GetInstanceGroupRequest.newBuilder().setName(client.group("ig")).build());
  }

  @Test
  void oneThatNobodyUsesIsFencedAndDeleted() throws IOException {
    InstanceGroup group = filled();
    assertThat(get().getChangeToken()).as("created, added, attached").endsWith("@3");
    try (FakeBackendService backends = backendService()) {
      assertThat(delete()).isEqualTo(client.group("ig") + "@5");
      assertThat(backends.asked())
          .containsExactly(
              FenceGroupRequest.newBuilder()
                  .setName(client.group("ig"))
                  .setId(group.getId())
                  .build());
    }
    Refusal.of(this::get).is(Code.NOT_FOUND, "NOT_FOUND");
    client.deleteInstance("vm-1", false);
  }

  @Test
  void oneInUseStaysAndTheUsersAreNamed() throws IOException {
    filled();
    try (FakeBackendService _ = backendService().using(client.group("ig"), USER)) {
      Refusal.of(this::delete).is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE").saying(USER);
    }
    assertThat(get().getSize()).isEqualTo(1);
    Refusal.of(() -> client.deleteInstance("vm-1", false))
        .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE");
    client.deleteInstance("vm-1", true);
    assertThat(get().getSize()).isZero();
  }

  @Test
  void aDeletionThatCannotBeDecidedIsCarriedThroughWhenBackendServiceIsBack() throws IOException {
    filled();
    Refusal.of(this::delete).is(Code.UNAVAILABLE, "DELETION_NOT_DECIDED");
    Refusal.of(() -> client.deleteInstance("vm-1", true))
        .is(Code.FAILED_PRECONDITION, "DELETION_IN_PROGRESS");
    try (FakeBackendService _ = backendService()) {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> Refusal.of(this::get).is(Code.NOT_FOUND, "NOT_FOUND"));
    }
  }
}
