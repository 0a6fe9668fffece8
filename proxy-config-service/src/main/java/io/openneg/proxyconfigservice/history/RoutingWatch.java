package io.openneg.proxyconfigservice.history;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.proxyconfig.v1.WatchRoutingTableResponse;
import io.openneg.proxyconfigservice.history.RoutingHistory.Difference;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher.Newest;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.serve.Movements;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Tells one client what changes in the routing table. It sends only what the client takes, and a
 * step goes from what the client has to the newest revision, so a slow client costs no memory. The
 * constructor and {@link #run} may be on different threads; otherwise not thread-safe.
 */
final class RoutingWatch {
  private static final int ROWS_AT_ONCE = 1_000;

  /** The safety net under the signals. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final RoutingHistory history;
  private final Supplier<Optional<Newest>> newest;
  private final Movements movements;
  private final ServerCallStreamObserver<WatchRoutingTableResponse> out;
  private final Semaphore ready = new Semaphore(0);

  /**
   * To be called where the call begins.
   *
   * @param movements move when there may be a new revision
   */
  RoutingWatch(
      RoutingHistory history,
      Supplier<Optional<Newest>> newest,
      Movements movements,
      ServerCallStreamObserver<WatchRoutingTableResponse> out) {
    this.history = history;
    this.newest = newest;
    this.movements = movements;
    this.out = out;
    out.setOnReadyHandler(ready::release);
    out.setOnCancelHandler(ready::release);
  }

  /**
   * Goes on until the client goes.
   *
   * @param ofEpoch the one that the revision is of; empty: not known
   * @throws RejectedException ROUTING_TABLE_REBUILT when the table was made anew
   */
  void run(long since, Optional<UUID> ofEpoch) throws InterruptedException {
    long had = since;
    boolean begun = false;
    Optional<UUID> epoch = ofEpoch;
    while (true) {
      long seen = movements.count();
      Optional<Newest> now = newest.get();
      if (now.isPresent()) {
        if (epoch.isPresent() && !epoch.get().equals(now.get().epoch())) {
          throw rebuilt();
        }
        epoch = Optional.of(now.get().epoch());
        if (now.get().revision() > had || !begun) {
          long to = Math.max(had, now.get().revision());
          tell(had, to, now.get().epoch());
          had = to;
          begun = true;
        }
      }
      movements.awaitOther(seen, LOOK_AGAIN);
      throwIfGone();
    }
  }

  private void tell(long from, long to, UUID epoch) throws InterruptedException {
    Optional<RowKey> after = Optional.empty();
    boolean complete = false;
    while (!complete) {
      awaitReady();
      List<Difference> found = history.differences(from, to, after, ROWS_AT_ONCE + 1);
      if (!history.epoch().equals(epoch)) {
        throw rebuilt();
      }
      complete = found.size() <= ROWS_AT_ONCE;
      List<Difference> page = complete ? found : found.subList(0, ROWS_AT_ONCE);
      WatchRoutingTableResponse.Builder message =
          WatchRoutingTableResponse.newBuilder()
              .setFromRevision(from)
              .setToRevision(to)
              .setComplete(complete)
              .setEpoch(epoch.toString());
      page.forEach(difference -> message.addDifferences(RowMessages.difference(difference)));
      out.onNext(message.build());
      after = page.isEmpty() ? after : Optional.of(page.getLast().key());
    }
  }

  private void awaitReady() throws InterruptedException {
    while (!out.isReady()) {
      throwIfGone();
      if (ready.tryAcquire(1, TimeUnit.SECONDS)) {
        ready.drainPermits();
      }
    }
  }

  private void throwIfGone() {
    if (out.isCancelled()) {
      throw Status.CANCELLED.asRuntimeException();
    }
  }

  private static RejectedException rebuilt() {
    return new RejectedException(
        new Rejection(
            Kind.FAILED_PRECONDITION,
            "ROUTING_TABLE_REBUILT",
            "the routing table was made anew from the topics; watch again from revision 0"));
  }
}
