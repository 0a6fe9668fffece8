package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.Rebuild;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.UpdateInstanceRequest;
import io.openneg.negservice.inventory.resource.InventoryView;
import io.openneg.negservice.neg.NegView;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

/**
 * Whatever is asked, the inventory and the groups are as a naive model says; also when replayed.
 */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class InventoryPropertyIT {
  private static final int STEPS = 600;
  private static final int VMS = 4;
  private static final int NEGS = 3;

  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  @Inject
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  EventLogRuntime runtime;

  @Inject
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  EventStore store;

  private final NaiveInventory model = new NaiveInventory();

  @Test
  void whateverIsAskedTheInventoryIsAsTheNaiveModelSays() {
    Random random = new Random(20261123);
    String project = "prop-" + UUID.randomUUID().toString().substring(0, 8);
    int accepted = 0;
    try (InventoryClient client = new InventoryClient(service, project)) {
      for (int i = 0; i < NEGS; i++) {
        client.createNeg("neg-" + i);
      }
      for (int step = 0; step < STEPS; step++) {
        accepted += step(client, random, step) ? 1 : 0;
        if (step % 20 == 0) {
          check(client);
        }
      }
      check(client);
    }
    assertThat(accepted).isBetween(STEPS / 8, STEPS * 4 / 5);
    List<String> before = runtime.jdbi().withHandle(InventoryPropertyIT::rows);
    Rebuild.inline(runtime.jdbi(), store, new ServiceView(new NegView(), new InventoryView()));
    assertThat(runtime.jdbi().withHandle(InventoryPropertyIT::rows)).isEqualTo(before);
  }

  /** The same command to both. */
  private boolean step(InventoryClient client, Random random, int number) {
    String vm = "vm-" + random.nextInt(VMS);
    String neg = "neg-" + random.nextInt(NEGS);
    boolean force = random.nextInt(3) == 0;
    String primary = "10.128.0." + (10 + random.nextInt(5));
    List<String> aliases = new ArrayList<>();
    for (int block = 1; block <= 2; block++) {
      if (random.nextBoolean()) {
        aliases.add("10.128.%d.0/24".formatted(block));
      }
    }
    String ip =
        switch (random.nextInt(4)) {
          case 0 -> "";
          case 1 -> primary;
          default -> "10.128.%d.%d".formatted(1 + random.nextInt(2), random.nextInt(3));
        };
    var nic = InventoryClient.nic(primary, aliases.toArray(String[]::new));
    boolean expected;
    Runnable call;
    switch (random.nextInt(8)) {
      case 0, 1 -> {
        expected = model.create(vm, primary, aliases);
        call = () -> client.createInstance(vm, nic);
      }
      case 2 -> {
        expected = model.delete(vm, force);
        call = () -> client.deleteInstance(vm, force);
      }
      case 3 -> {
        expected = model.update(vm, primary, aliases, force);
        Instance wanted =
            Instance.newBuilder().setName(client.instance(vm)).addNetworkInterfaces(nic).build();
        call =
            () ->
                client
                    .instances()
                    .updateInstance(
                        UpdateInstanceRequest.newBuilder()
                            .setInstance(wanted)
                            .setForce(force)
                            .build());
      }
      case 4 -> {
        expected = model.detach(neg, ip);
        call =
            () ->
                client
                    .negs()
                    .detachNetworkEndpoints(
                        DetachNetworkEndpointsRequest.newBuilder()
                            .setName(client.neg(neg))
                            .addNetworkEndpoints(NetworkEndpoint.newBuilder().setIpAddress(ip))
                            .build());
      }
      default -> {
        expected = model.attach(neg, vm, ip);
        call = () -> client.attach(neg, vm, ip);
      }
    }
    boolean accepted = true;
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      accepted = false;
    }
    assertThat(accepted)
        .as("step %d: %s %s %s %s", number, vm, neg, primary, ip)
        .isEqualTo(expected);
    return accepted;
  }

  private void check(InventoryClient client) {
    for (int i = 0; i < NEGS; i++) {
      assertThat(client.members("neg-" + i))
          .containsExactlyInAnyOrderElementsOf(model.members("neg-" + i));
    }
  }

  private static List<String> rows(Handle handle) {
    List<String> rows = new ArrayList<>();
    for (String table :
        List.of(
            "network",
            "subnetwork",
            "subnetwork_range",
            "instance",
            "instance_range",
            "instance_group",
            "instance_group_member",
            "neg",
            "neg_endpoint")) {
      rows.addAll(
          handle
              .createQuery("SELECT t::text FROM " + table + " t ORDER BY t::text")
              .mapTo(String.class)
              .list());
    }
    return rows;
  }
}
