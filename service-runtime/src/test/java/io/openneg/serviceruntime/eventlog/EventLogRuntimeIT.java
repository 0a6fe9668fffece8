package io.openneg.serviceruntime.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import io.openneg.eventlog.KafkaProjector;
import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import io.quarkus.runtime.Startup;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

/** A service with a store and a projection of its own topic, as its operators see it. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
class EventLogRuntimeIT {
  @Inject EventLogRuntime runtime;
  @Inject TestService service;

  @TestHTTPResource("/")
  @SuppressWarnings("NullAway.Init") // injected
  URI http;

  /** What every service has of its own. */
  @Startup
  @Singleton
  static class TestService implements Projection {
    private final EventStore store = new EventStore("runtime-test.events.v1");
    private final List<String> applied = new CopyOnWriteArrayList<>();
    private volatile boolean broken = true;

    @Inject
    TestService(EventLogRuntime runtime) {
      runtime.startRelay(store, "/test-service");
      runtime.startProjector("test", Set.of(store.topic()), this, () -> {});
    }

    @Override
    public void apply(Handle tx, List<RecordedEvent> events) {
      if (broken && events.stream().anyMatch(e -> e.stream().equals("bad"))) {
        throw new IllegalStateException("broken");
      }
      events.forEach(e -> applied.add(e.id()));
    }

    @Override
    public void clear(Handle tx) {}
  }

  @Test
  void aServiceGetsReadyParksWhatItCannotApplyAndReplaysItWhenAsked() throws Exception {
    await()
        .until(
            () -> {
              HttpResponse<String> ready = get("q/health/ready");
              return ready.statusCode() == 200 && ready.body().contains("LIVE");
            });
    assertThat(runtime.projectors()).extracting(KafkaProjector::name).containsExactly("test");
    assertThat(get("parked").body()).isEqualTo("[]");

    append("good");
    append("bad");

    await().until(() -> !get("parked").body().equals("[]"));
    assertThat(get("parked").body())
        .isEqualTo(
            """
            [{"projection":"test","topic":"runtime-test.events.v1","stream":"bad","version":1,\
            "type":"test.Event","error":"java.lang.IllegalStateException: broken"}]\
            """);
    // It stays ready: the other streams go on.
    assertThat(get("q/health/ready").statusCode()).isEqualTo(200);

    service.broken = false;
    HttpRequest replay =
        HttpRequest.newBuilder(http.resolve("parked/replay"))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    assertThat(send(replay).statusCode()).isEqualTo(202);
    await().until(() -> get("parked").body().equals("[]"));
    assertThat(service.applied).contains("good@1", "bad@1");
  }

  private void append(String stream) {
    List<StreamAppend> events =
        List.of(new StreamAppend(stream, 0, List.of(new NewEvent("test.Event", new byte[] {1}))));
    var context = CommandContext.internal(Instant.now(), "test", "test");
    runtime.jdbi().useTransaction(tx -> service.store.append(tx, events, context));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(http.resolve(path)).build());
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString());
    }
  }
}
