package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
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
import java.util.function.IntConsumer;
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
