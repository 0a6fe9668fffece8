package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.openneg.neg.v1.SetNetworkEndpointsRequest;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What must hold however many write at the same time. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class NegConcurrencyIT {
  private static final int WRITERS = 64;

  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  @ConfigProperty(name = "openneg.backend-service")
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  String backendService;

  private NegClient client;

  @BeforeEach
  void connect() {
    client = new NegClient(service, "race-" + UUID.randomUUID().toString().substring(0, 8));
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void anEndpointAttachedByManyAtOnceIsAttachedOnce() {
    client.create("web");
    List<Code> refusals = race(WRITERS, _ -> client.attach("web", "10.0.0.1"));
    assertThat(refusals).hasSize(WRITERS - 1).allMatch(code -> code == Code.FAILED_PRECONDITION);
    assertThat(client.members("web", 0)).containsExactly("10.0.0.1:8080");
    assertThat(client.get("web").getSize()).isEqualTo(1);
  }

  @Test
  void theLimitIsNotExceededByManyWhoEachHaveRoom() {
    client.create("web");
    client.attach("web", NegClient.ips(0, 9_990));
    List<Code> refusals = race(WRITERS, writer -> client.attach("web", "10.9." + writer + ".1"));
    assertThat(refusals).hasSize(WRITERS - 10).allMatch(code -> code == Code.RESOURCE_EXHAUSTED);
    assertThat(client.get("web").getSize()).isEqualTo(10_000);
    assertThat(client.members("web", 10_000)).hasSize(10_000).doesNotHaveDuplicates();
  }

  @Test
  void theLimitIsMetToTheLastByManyWhoTakeWhatTheyGet() {
    client.create("web");
    client.attach("web", NegClient.ips(0, 9_900));
    AtomicInteger rejected = new AtomicInteger();
    List<Code> refusals =
        race(
            WRITERS,
            writer -> {
              var request =
                  client
                      .attachRequest("web", NegClient.endpoints(NegClient.ips(100 + writer, 5)))
                      .setPartial(true)
                      .build();
              rejected.addAndGet(
                  client.stub().attachNetworkEndpoints(request).getRejectedEndpointsCount());
            });
    assertThat(refusals).isEmpty();
    assertThat(rejected).hasValue(WRITERS * 5 - 100);
    assertThat(client.get("web").getSize()).isEqualTo(10_000);
  }

  @Test
  void setsByManyAtOnceLeaveWhatOneOfThemDeclared() {
    client.create("web");
    List<Code> refusals =
        race(
            WRITERS,
            writer ->
                client
                    .stub()
                    .setNetworkEndpoints(
                        SetNetworkEndpointsRequest.newBuilder()
                            .setName(client.name("web"))
                            .addAllNetworkEndpoints(
                                NegClient.endpoints(NegClient.ips(100 + writer, 3)))
                            .build()));
    assertThat(refusals).isEmpty();
    List<String> members = client.members("web", 0);
    int last = Integer.parseInt(members.getFirst().split("\\.", -1)[1]);
    assertThat(members)
        .containsExactly(
            "10.%d.0.0:8080".formatted(last),
            "10.%d.0.1:8080".formatted(last),
            "10.%d.0.2:8080".formatted(last));
    assertThat(client.get("web").getSize()).isEqualTo(3);
  }

  @Test
  void deletionAgainstAttachLeavesNoHalfState() throws IOException {
    try (FakeBackendService backends = backendService()) {
      for (int round = 0; round < 5; round++) {
        client.create("web");
        List<Code> refusals =
            race(
                WRITERS,
                writer -> {
                  if (writer % 8 == 7) {
                    client.delete("web");
                  } else {
                    client.attach("web", NegClient.ips(100 + writer, 20));
                  }
                });
        assertThat(refusals).allMatch(c -> c == Code.FAILED_PRECONDITION || c == Code.NOT_FOUND);
        Refusal.of(() -> client.get("web")).is(Code.NOT_FOUND, "NOT_FOUND");
        Refusal.of(() -> client.members("web", 0)).is(Code.NOT_FOUND, "NOT_FOUND");
      }
      assertThat(backends.asked()).isNotEmpty();
    }
    assertThat(client.create("web").getSize()).isZero();
    assertThat(client.members("web", 0)).isEmpty();
  }

  private FakeBackendService backendService() throws IOException {
    return FakeBackendService.start(
        Integer.parseInt(backendService.substring(backendService.indexOf(':') + 1)));
  }

  @Test
  void theQuotaIsNotExceededByManyWhoEachSeeRoom() {
    int tried = NegServiceResource.QUOTA + 20;
    List<Code> refusals = race(tried, writer -> client.create("web-" + writer));
    assertThat(refusals).hasSize(20).allMatch(code -> code == Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void aGroupCreatedByManyAtOnceIsCreatedOnce() {
    List<Code> refusals = race(WRITERS, _ -> client.create("web"));
    assertThat(refusals).hasSize(WRITERS - 1).allMatch(code -> code == Code.ALREADY_EXISTS);
    assertThat(client.get("web").getChangeToken()).endsWith("@1");
  }

  @Test
  void aRequestRepeatedBeforeItsFirstAnswerIsDoneOnce() {
    client.create("web");
    var attach =
        client
            .attachRequest("web", NegClient.endpoints("10.0.0.1"))
            .setRequestId(UUID.randomUUID().toString())
            .build();
    List<String> tokens = Collections.synchronizedList(new ArrayList<>());
    assertThat(
            race(
                WRITERS,
                _ ->
                    tokens.add(
                        client
                            .stub()
                            .attachNetworkEndpoints(attach)
                            .getNetworkEndpointGroup()
                            .getChangeToken())))
        .isEmpty();
    assertThat(tokens).hasSize(WRITERS).containsOnly(client.name("web") + "@2");
  }

  /** Runs writers at the same time; the codes of those refused. */
  private static List<Code> race(int writers, IntConsumer writer) {
    CountDownLatch start = new CountDownLatch(1);
    List<Code> refusals = Collections.synchronizedList(new ArrayList<>());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        int number = i;
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  try {
                    writer.accept(number);
                  } catch (StatusRuntimeException e) {
                    refusals.add(e.getStatus().getCode());
                  }
                  return null;
                }));
      }
      start.countDown();
      for (Future<?> each : running) {
        each.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
    return List.copyOf(refusals);
  }
}
