package io.openneg.negservice;

import static io.openneg.negservice.InventoryClient.nic;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.openneg.neg.v1.DeleteNetworkRequest;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkInterface;
import io.openneg.neg.v1.UpdateInstanceRequest;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands on different streams that exclude each other, at the same time. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class InventoryRaceIT {
  private static final int THREADS = 32;
  private static final Set<Code> REFUSALS =
      Set.of(Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION, Code.NOT_FOUND, Code.ALREADY_EXISTS);

  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  private InventoryClient client;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @BeforeEach
  void connect() {
    client = new InventoryClient(service, "race-" + UUID.randomUUID().toString().substring(0, 8));
  }

  @AfterEach
  void disconnect() {
    threads.shutdownNow();
    client.close();
  }

  /** How many of the calls held; the others were refused for a reason, none failed. */
  private int held(List<Runnable> calls) throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Boolean>> outcomes = new ArrayList<>();
    for (Runnable call : calls) {
      outcomes.add(
          threads.submit(
              () -> {
                start.await();
                try {
                  call.run();
                  return true;
                } catch (StatusRuntimeException e) {
                  assertThat(e.getStatus().getCode()).as(e.toString()).isIn(REFUSALS);
                  return false;
                }
              }));
    }
    start.countDown();
    int held = 0;
    for (Future<Boolean> outcome : outcomes) {
      held += outcome.get() ? 1 : 0;
    }
    return held;
  }

  private boolean exists(String instance) {
    try {
      client.getInstance(instance);
      return true;
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Code.NOT_FOUND);
      return false;
    }
  }

  @Test
  void anEndpointNeverOutlivesItsInstance() throws Exception {
    int attached = 0;
    int deleted = 0;
    for (int i = 0; i < 16; i++) {
      client.createNeg("neg-" + i);
    }
    for (int round = 0; round < 8; round++) {
      String vm = "vm-" + round;
      String alias = "10.128.%d.0/24".formatted(1 + round % 8);
      client.createInstance(vm, nic("", alias));
      boolean force = round % 2 == 1;
      List<Runnable> calls = new ArrayList<>();
      for (int i = 0; i < THREADS - 2; i++) {
        String neg = "neg-" + i % 16;
        String ip = "10.128.%d.%d".formatted(1 + round % 8, i);
        calls.add(() -> client.attach(neg, vm, ip));
      }
      calls.add(THREADS / 2, () -> client.deleteInstance(vm, force));
      calls.add(() -> client.deleteInstance(vm, force));
      held(calls);
      long left = 0;
      for (int i = 0; i < 16; i++) {
        left += client.members("neg-" + i).stream().filter(m -> m.startsWith(vm + " ")).count();
      }
      if (exists(vm)) {
        attached += (int) left;
        assertThat(left).isPositive();
        client.deleteInstance(vm, true);
      } else {
        deleted++;
        assertThat(left).isZero();
      }
    }
    assertThat(attached + deleted).isPositive();
  }

  @Test
  void anAddressIsNotTakenAwayWhileItIsAttached() throws Exception {
    for (int i = 0; i < 16; i++) {
      client.createNeg("neg-" + i);
    }
    Instance with = client.createInstance("vm", nic("10.128.0.5", "10.128.1.0/24"));
    Instance without =
        with.toBuilder()
            .clearFingerprint()
            .setNetworkInterfaces(0, with.getNetworkInterfaces(0).toBuilder().clearAliasIpRanges())
            .build();
    for (int round = 0; round < 6; round++) {
      List<Runnable> calls = new ArrayList<>();
      for (int i = 0; i < THREADS - 2; i++) {
        String neg = "neg-" + i % 16;
        String ip = "10.128.1." + (round * 32 + i);
        calls.add(() -> client.attach(neg, "vm", ip));
      }
      boolean force = round % 2 == 0;
      calls.add(THREADS / 2, () -> update(without, force));
      calls.add(() -> update(without, force));
      held(calls);
      boolean hasAlias =
          client.getInstance("vm").getNetworkInterfaces(0).getAliasIpRangesCount() > 0;
      for (int i = 0; i < 16; i++) {
        if (!hasAlias) {
          assertThat(client.members("neg-" + i)).isEmpty();
        }
      }
      update(with.toBuilder().clearFingerprint().build(), false);
    }
  }

  @Test
  void anAddressBelongsToOneOfManyInstancesThatWantIt() throws Exception {
    List<Runnable> calls = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      String vm = "vm-" + i;
      calls.add(() -> client.createInstance(vm, nic("10.128.0.77")));
    }
    assertThat(held(calls)).isEqualTo(1);
  }

  @Test
  void addressesChosenAtTheSameTimeAreDifferentOnes() throws Exception {
    List<Runnable> calls = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String vm = "vm-" + i;
      calls.add(() -> client.createInstance(vm, nic("")));
    }
    assertThat(held(calls)).isEqualTo(12);
    List<String> ips = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ips.add(client.getInstance("vm-" + i).getNetworkInterfaces(0).getNetworkIp());
    }
    assertThat(ips).doesNotHaveDuplicates();
  }

  @Test
  void rangesOfANetworkDoNotOverlapWhoeverIsFirst() throws Exception {
    client.createCustomNetwork("lab");
    List<Runnable> calls = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      String id = "sub-" + i;
      calls.add(() -> client.createSubnetwork(id, "lab", "10.0.0.0/24"));
    }
    assertThat(held(calls)).isEqualTo(1);
  }

  @Test
  void aNetworkIsNotDeletedUnderWhatComesIntoIt() throws Exception {
    for (int round = 0; round < 6; round++) {
      String lab = "lab-" + round;
      client.createNetwork(lab, io.openneg.neg.v1.Network.getDefaultInstance());
      List<Runnable> calls = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        String id = lab + "-" + i;
        calls.add(
            () ->
                client.createInstance(
                    id, NetworkInterface.newBuilder().setNetwork(client.network(lab))));
        calls.add(
            () ->
                client.createNeg(
                    id, NetworkEndpointGroup.newBuilder().setNetwork(client.network(lab))));
      }
      calls.add(
          10,
          () ->
              client
                  .networks()
                  .deleteNetwork(
                      DeleteNetworkRequest.newBuilder().setName(client.network(lab)).build()));
      int held = held(calls);
      // Either the network went and nothing is in it, or it stayed with all that came.
      assertThat(held).isIn(1, 20);
    }
  }

  private void update(Instance instance, boolean force) {
    client
        .instances()
        .updateInstance(
            UpdateInstanceRequest.newBuilder().setInstance(instance).setForce(force).build());
  }
}
