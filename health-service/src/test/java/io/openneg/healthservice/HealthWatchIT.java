package io.openneg.healthservice;

import static io.openneg.healthservice.OtherServices.NEGS;
import static io.openneg.healthservice.OtherServices.SERVICES;
import static io.openneg.healthservice.OtherServices.httpCheck;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.testing.EventPublisher;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.HealthState;
import io.openneg.health.v1.WatchHealthRequest;
import io.openneg.health.v1.WatchHealthResponse;
import io.openneg.healthservice.probe.FakeBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Streams of health, of the service as it is shipped. */
class HealthWatchIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final OtherServices OTHERS = new OtherServices();
  private static final Database DATABASE = TestServers.freshDatabase();
  private static EventPublisher negs;
  private static EventPublisher backends;
  private static ServiceProcess service;

  @BeforeAll
  static void start() {
    negs = new EventPublisher("neg.events.v1");
    backends = new EventPublisher("backend.events.v1");
    service = ServiceProcess.start(DATABASE);
  }

  @AfterAll
  static void stop() {
    service.close();
    negs.close();
    backends.close();
  }

  /** A reader that takes so many messages, and more when told. */
  private static final class Reader
      implements ClientResponseObserver<WatchHealthRequest, WatchHealthResponse> {
    final Map<String, HealthState> states = new ConcurrentHashMap<>();
    final AtomicInteger messages = new AtomicInteger();
    final CountDownLatch pictured = new CountDownLatch(1);
    private final CompletableFuture<ClientCallStreamObserver<WatchHealthRequest>> started =
        new CompletableFuture<>();
    volatile boolean paused;

    ClientCallStreamObserver<WatchHealthRequest> call() {
      return started.join();
    }

    void cancel() {
      call().cancel("done", null);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchHealthRequest> call) {
      started.complete(call);
      call.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(WatchHealthResponse message) {
      messages.incrementAndGet();
      for (EndpointHealth health : message.getEndpointHealthList()) {
        states.put(health.getIpAddress() + ":" + health.getPort(), health.getState());
      }
      message.getGoneList().forEach(key -> states.remove(key.getIpAddress() + ":" + key.getPort()));
      if (message.getUpToDate()) {
        pictured.countDown();
      }
      if (!paused) {
        call().request(1);
      }
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }

  private static Reader watch(String name) {
    Reader reader = new Reader();
    service
        .streams()
        .watchHealth(
            WatchHealthRequest.newBuilder().setBackendService(SERVICES + name).build(), reader);
    return reader;
  }

  private static void publish(String name) {
    backends.publish(
        OTHERS.checkCreated(httpCheck(name)),
        OTHERS.serviceCreated(name, name),
        OTHERS.backendAdded(name, name));
    await()
        .atMost(PATIENCE)
        .ignoreException(StatusRuntimeException.class)
        .until(() -> service.getHealth(SERVICES + name, NEGS + name) != null);
  }

  @Test
  void aReaderSeesThePresentAndThenWhatChanges() throws Exception {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    String address = "127.0.0.1:" + backend.port();
    publish("watch-seen");
    negs.publish(OTHERS.attached("watch-seen", "127.0.0.1", backend.port()));
    await()
        .atMost(PATIENCE)
        .until(() -> service.getHealth(SERVICES + "watch-seen", "").getEndpointHealthCount() == 1);

    Reader reader = watch("watch-seen");

    assertThat(reader.pictured.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(reader.states).containsOnlyKeys(address);
    await().atMost(PATIENCE).until(() -> reader.states.get(address) == HealthState.HEALTHY);
    backend.die();
    await().atMost(PATIENCE).until(() -> reader.states.get(address) == HealthState.UNHEALTHY);
    negs.publish(OTHERS.detached("watch-seen", "127.0.0.1", backend.port()));
    await().atMost(PATIENCE).until(() -> reader.states.isEmpty());
    reader.cancel();
  }

  @Test
  void aReaderThatDoesNotReadGetsTheNewestStateOnly() throws Exception {
    // Nobody checks them, so all that changes is membership.
    backends.publish(
        OTHERS.serviceCreated("watch-slow", ""), OTHERS.backendAdded("watch-slow", "watch-slow"));
    await()
        .atMost(PATIENCE)
        .ignoreException(StatusRuntimeException.class)
        .until(() -> service.getHealth(SERVICES + "watch-slow", NEGS + "watch-slow") != null);
    Jdbi jdbi = Jdbi.create(DATABASE.jdbcUrl(), DATABASE.user(), DATABASE.password());
    Reader reader = watch("watch-slow");
    assertThat(reader.pictured.await(60, TimeUnit.SECONDS)).isTrue();
    reader.paused = true;

    // Far more changes than a buffer of messages would hold, each of thousands of endpoints.
    for (int round = 0; round < 5; round++) {
      List<RecordedEvent> changes = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        String ip = "127.1.%d.%d".formatted(i / 250, i % 250 + 1);
        changes.add(
            round % 2 == 0
                ? OTHERS.attached("watch-slow", ip, 9)
                : OTHERS.detached("watch-slow", ip, 9));
      }
      // As the projector does it, without 25,000 transactions of another service before.
      MonitorHarness.apply(jdbi, changes);
      int expected = round % 2 == 0 ? 3_000 : 0;
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  service.getHealth(SERVICES + "watch-slow", "").getEndpointHealthCount()
                      == expected);
    }
    int before = reader.messages.get();
    reader.paused = false;
    reader.call().request(1);

    await().atMost(PATIENCE).until(() -> reader.states.size() == 5_000);
    // 10 messages of 500 hold the whole; what lay in buffers comes on top, five rounds would be 50.
    assertThat(reader.messages.get() - before).isLessThanOrEqualTo(30);
    reader.cancel();
  }

  @Test
  void unknownServicesAndTooManyReadersAreRefused() throws Exception {
    assertRefused(SERVICES + "nobody", Status.Code.NOT_FOUND, "nobody");
    assertRefused("nobody", Status.Code.INVALID_ARGUMENT, "backend_service");
    publish("watch-crowd");
    List<Reader> readers = new ArrayList<>();
    // The readers of other tests, which ended, may still be on their way out.
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              Reader reader = watch("watch-crowd");
              if (reader.pictured.await(5, TimeUnit.SECONDS)) {
                readers.add(reader);
              }
              return readers.size() == 32;
            });
    assertRefused(SERVICES + "watch-crowd", Status.Code.RESOURCE_EXHAUSTED, "32 watches");
    readers.forEach(reader -> reader.cancel());
    // Their places become free.
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Reader reader = watch("watch-crowd");
              assertThat(reader.pictured.await(5, TimeUnit.SECONDS)).isTrue();
              reader.cancel();
            });
  }

  private static void assertRefused(String name, Status.Code code, String words) {
    var cancellable = Context.current().withCancellation();
    try {
      cancellable.run(
          () ->
              assertThatThrownBy(
                      () -> {
                        Iterator<WatchHealthResponse> answers =
                            service
                                .client()
                                .watchHealth(
                                    WatchHealthRequest.newBuilder()
                                        .setBackendService(name)
                                        .build());
                        var _ = answers.next();
                      })
                  .isInstanceOfSatisfying(
                      StatusRuntimeException.class,
                      e -> {
                        assertThat(e.getStatus().getCode()).isEqualTo(code);
                        assertThat(e.getStatus().getDescription()).contains(words);
                      }));
    } finally {
      cancellable.cancel(null);
    }
  }
}
