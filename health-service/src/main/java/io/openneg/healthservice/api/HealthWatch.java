package io.openneg.healthservice.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.EndpointKey;
import io.openneg.health.v1.WatchHealthRequest;
import io.openneg.health.v1.WatchHealthResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/**
 * One reader's stream: reads the present state whenever something may have changed and the reader
 * can take more, and sends where it differs from what the reader knows. So nothing queues up behind
 * a slow reader, nothing is missed, and what is kept of it is bounded. {@link #wake} and {@link
 * #end} are thread-safe; all else is of one thread.
 */
final class HealthWatch {
  private static final int PAGE = 3_000;
  private static final int MESSAGE = 500;
  private static final int MAX_ENDPOINTS = 20_000;
  private static final long BREATH_MS = 100;
  private static final long LOOK_MS = 1_000;
  // Notifications of membership may be lost.
  private static final int LOOKS_UNTIL_ALL = 10;

  private final Jdbi jdbi;
  private final ServerCallStreamObserver<WatchHealthResponse> out;
  private final Semaphore signal = new Semaphore(0);
  // Digests of what the reader has: some 20,000 whole answers would weigh too much.
  private Map<EndpointKey, UUID> known = Map.of();
  private boolean pictured;
  private String newestEvent = "";
  private int looks;
  private volatile boolean ended;

  HealthWatch(Jdbi jdbi, ServerCallStreamObserver<WatchHealthResponse> out) {
    this.jdbi = jdbi;
    this.out = out;
  }

  void wake() {
    signal.release();
  }

  /** The reader went. */
  void end() {
    // The server's own isCancelled does not always know.
    ended = true;
    signal.release();
  }

  /** Sends until the reader goes. */
  void run(WatchHealthRequest request) throws InterruptedException {
    String service = Requested.service(request.getBackendService());
    String group = request.getGroup().isEmpty() ? "" : Requested.group("group", request.getGroup());
    boolean woken = true;
    while (!ended()) {
      if (out.isReady() && (woken || isDue())) {
        signal.drainPermits();
        looks = 0;
        refresh(service, group);
        // What comes within it is told together.
        Thread.sleep(BREATH_MS);
      }
      woken = signal.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS);
    }
  }

  /** Whether another replica announced something, or nobody looked for long. */
  private boolean isDue() {
    return ++looks >= LOOKS_UNTIL_ALL
        || !jdbi.withHandle(HealthWatch::newestEvent).equals(newestEvent);
  }

  private static String newestEvent(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT txid || ' ' || position FROM append ORDER BY txid DESC, position DESC LIMIT 1
            """)
        .mapTo(String.class)
        .findOne()
        .orElse("");
  }

  private boolean ended() {
    return ended || out.isCancelled();
  }

  private void refresh(String service, String group) throws InterruptedException {
    Map<EndpointKey, UUID> present = new HashMap<>();
    List<EndpointHealth> news = new ArrayList<>();
    jdbi.useTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        tx -> {
          newestEvent = newestEvent(tx);
          read(tx, service, group, present, news);
        });
    List<EndpointKey> gone =
        known.keySet().stream().filter(key -> !present.containsKey(key)).toList();
    if (pictured && news.isEmpty() && gone.isEmpty()) {
      return;
    }
    int sent = 0;
    do {
      List<EndpointHealth> part = news.subList(sent, Math.min(news.size(), sent + MESSAGE));
      sent += part.size();
      WatchHealthResponse.Builder message =
          WatchHealthResponse.newBuilder()
              .addAllEndpointHealth(part)
              .setUpToDate(sent == news.size());
      if (sent == news.size()) {
        message.addAllGone(gone);
      }
      send(message.build());
    } while (sent < news.size());
    known = present;
    pictured = true;
  }

  /** Waits for a reader that is slow, so that at most one message lies before it. */
  private void send(WatchHealthResponse message) throws InterruptedException {
    while (!out.isReady() && !ended()) {
      var _ = signal.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS);
    }
    if (!ended()) {
      out.onNext(message);
    }
  }

  private void read(
      Handle tx,
      String service,
      String group,
      Map<EndpointKey, UUID> present,
      List<EndpointHealth> news) {
    var check = Requested.check(tx, service, group);
    var checks = EffectiveChecks.named(tx, check.stream().toList());
    ServiceCursor after = ServiceCursor.START;
    List<EndpointHealth> page;
    do {
      page =
          EndpointHealthQueries.withProbedPorts(
              EndpointHealthQueries.ofService(tx, service, group, after, PAGE), checks);
      for (EndpointHealth endpoint : page) {
        EndpointKey key =
            EndpointKey.newBuilder()
                .setNetworkEndpointGroup(endpoint.getNetworkEndpointGroup())
                .setIpAddress(endpoint.getIpAddress())
                .setPort(endpoint.getPort())
                .build();
        UUID digest = UUID.nameUUIDFromBytes(endpoint.toByteArray());
        present.put(key, digest);
        if (!digest.equals(known.get(key))) {
          news.add(endpoint);
        }
        after = new ServiceCursor(key.getNetworkEndpointGroup(), key.getIpAddress(), key.getPort());
      }
      if (present.size() > MAX_ENDPOINTS) {
        throw Requested.refused(
            Kind.FAILED_PRECONDITION,
            "TOO_MANY_ENDPOINTS",
            "'%s' has more than %,d endpoints; name one of its groups."
                .formatted(service, MAX_ENDPOINTS));
      }
    } while (page.size() == PAGE);
  }
}
