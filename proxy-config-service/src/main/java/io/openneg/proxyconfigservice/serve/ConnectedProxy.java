package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.openneg.proxyconfigservice.xds.ListenerSelection;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ADS stream: moves messages between gRPC and {@link XdsStream}. Whatever happens is noted and
 * {@link #work} is called, by one thread at a time; nobody waits for a lock. It sends only what
 * gRPC can take at once: a slow proxy holds up nobody, and gets the newest state when it is ready
 * again. Thread-safe.
 *
 * @param <Q> requests
 * @param <A> answers
 */
final class ConnectedProxy<Q, A> {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectedProxy.class);
  private static final String PROXYLESS = "gRPC";

  /** Requests not yet looked at. A client sends a few per answer; one that floods is cut off. */
  private static final int MAX_REQUESTS = 1_000;

  private final WireForm<Q, A> form;
  private final Set<XdsType> served;
  private final ServerCallStreamObserver<A> out;
  private final Duration bound;
  private final PushWorkers workers;
  private final Arrival arrival;
  private final ScheduledExecutorService timer;
  private final Runnable moved;
  private final Runnable ended;
  private final Instant since = Instant.now();

  private final Queue<Q> requests = new ArrayBlockingQueue<>(MAX_REQUESTS);
  private final AtomicReference<@Nullable XdsSnapshot> newest = new AtomicReference<>();
  private final Queue<CompletableFuture<Optional<ClientView>>> questions =
      new ConcurrentLinkedQueue<>();
  private final AtomicInteger signals = new AtomicInteger();
  private volatile boolean closed;
  private volatile @Nullable ProxyStatus status;

  // Only work() touches these.
  private @Nullable Node node;
  private @Nullable XdsStream<Q, A> stream;
  private @Nullable XdsSnapshot published;
  private long settledRevision = -1;
  private @Nullable Instant behindSince = since;
  private @Nullable ScheduledFuture<?> wakeup;

  /**
   * @param served the types that can be asked for
   * @param bound how long the client may take to acknowledge before things go on without it
   * @param moved called when the status may be another one; must not block
   * @param ended called when the server ends the stream
   */
  ConnectedProxy(
      WireForm<Q, A> form,
      Set<XdsType> served,
      ServerCallStreamObserver<A> out,
      Duration bound,
      PushWorkers workers,
      Arrivals arrivals,
      ScheduledExecutorService timer,
      Runnable moved,
      Runnable ended) {
    this.form = form;
    this.served = served;
    this.out = out;
    this.bound = bound;
    this.workers = workers;
    this.timer = timer;
    this.arrival = new Arrival(arrivals, bound, timer, this::signal);
    this.moved = moved;
    this.ended = ended;
  }

  void receive(Q request) {
    if (requests.offer(request)) {
      signal();
    } else {
      end(Status.RESOURCE_EXHAUSTED.withDescription("too many requests at once"));
    }
  }

  void publish(XdsSnapshot snapshot) {
    newest.accumulateAndGet(
        snapshot, (a, b) -> a == null || (b != null && b.sequence() > a.sequence()) ? b : a);
    signal();
  }

  /** Something is to be done: a request, a snapshot, room to send, or a wait that is over. */
  void signal() {
    if (!closed && signals.getAndIncrement() == 0) {
      workers.execute(this::workUntilQuiet, !arrival.isOver());
    }
  }

  private void workUntilQuiet() {
    int seen = signals.get();
    do {
      try {
        if (!closed) {
          work();
        }
      } catch (RuntimeException e) {
        LOG.error("the stream of {} failed", node == null ? "an unknown proxy" : node.getId(), e);
        end(Status.INTERNAL.withDescription("the stream failed; connect again"));
      }
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }

  private void work() {
    for (var request = requests.poll(); request != null; request = requests.poll()) {
      arrival.moved();
      if (stream == null && !begin(form.node(request))) {
        return;
      }
      if (stream != null && !receive(stream, request)) {
        return;
      }
    }
    if (stream == null) {
      return;
    }
    XdsSnapshot snapshot = newest.get();
    if (snapshot != null && (published == null || snapshot.sequence() > published.sequence())) {
      published = snapshot;
      stream.publish(snapshot);
    }
    if (published == null || arrival.mayBeTold()) {
      send(stream);
    }
    noteStatus(stream);
    for (var question = questions.poll(); question != null; question = questions.poll()) {
      question.complete(
          node == null
              ? Optional.empty()
              : Optional.of(new ClientView(node, stream.report().resources())));
    }
  }

  private boolean receive(XdsStream<Q, A> current, Q request) {
    Optional<String> wrong = current.mistakeIn(request);
    if (wrong.isPresent()) {
      end(Status.INVALID_ARGUMENT.withDescription(wrong.get()));
      return false;
    }
    current.receive(request);
    return true;
  }

  /** xDS: the first request of a stream carries the node; later ones need not. */
  private boolean begin(Node first) {
    if (first.getId().isEmpty()) {
      end(Status.INVALID_ARGUMENT.withDescription("node.id must not be empty"));
      return false;
    }
    ListenerSelection listeners;
    try {
      listeners = NodeMetadata.listeners(first);
    } catch (IllegalArgumentException e) {
      end(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
      return false;
    }
    node = first;
    stream =
        new XdsStream<>(
            form,
            served,
            new Audience(
                first.getUserAgentName().startsWith(PROXYLESS),
                first.getLocality().getRegion(),
                listeners),
            bound);
    return true;
  }

  private void send(XdsStream<Q, A> current) {
    if (wakeup != null) {
      wakeup.cancel(false);
      wakeup = null;
    }
    while (!closed && out.isReady()) {
      long now = System.nanoTime();
      @Nullable A answer = current.next(now);
      if (answer == null) {
        long wakeAt = current.wakeAt();
        if (wakeAt != XdsStream.NEVER) {
          wakeup = timer.schedule(this::signal, Math.max(wakeAt - now, 0), TimeUnit.NANOSECONDS);
        }
        return;
      }
      arrival.moved();
      out.onNext(answer);
    }
  }

  private void noteStatus(XdsStream<Q, A> current) {
    if (node != null) {
      StreamReport report = current.report();
      boolean hasAll = report.awaited().isEmpty();
      arrival.note(hasAll, report.isQuiet());
      List<String> awaited =
          published != null && arrival.waits()
              ? List.of("waits for its turn: many proxies have come at once")
              : report.awaited();
      if (hasAll && published != null) {
        settledRevision = published.revision();
      }
      behindSince = hasAll ? null : behindSince == null ? Instant.now() : behindSince;
      List<ProxyStatus.Refusal> refusals = new ArrayList<>();
      report
          .refusals()
          .forEach(
              (type, parked) ->
                  parked.forEach(
                      one ->
                          refusals.add(
                              new ProxyStatus.Refusal(type, one.revision(), one.error()))));
      status =
          new ProxyStatus(
              node.getId(),
              node.getLocality().getRegion(),
              node.getLocality().getZone(),
              node.getUserAgentName(),
              since,
              report.types(),
              settledRevision,
              behindSince,
              awaited,
              refusals);
      moved.run();
    }
  }

  private void end(Status reason) {
    if (!closed) {
      close();
      ended.run();
      try {
        out.onError(reason.asRuntimeException());
      } catch (IllegalStateException _) {
        // Cancelled by the client at the same time.
      }
    }
  }

  /** Sends nothing any more. */
  void close() {
    closed = true;
    arrival.leave();
    for (var question = questions.poll(); question != null; question = questions.poll()) {
      question.complete(Optional.empty());
    }
  }

  /** What it has now; empty before the first request, and once it is gone. */
  CompletableFuture<Optional<ClientView>> view() {
    if (closed || status == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    CompletableFuture<Optional<ClientView>> question = new CompletableFuture<>();
    questions.add(question);
    signal();
    if (closed) {
      question.complete(Optional.empty());
    }
    return question;
  }

  /** Empty before the first request. */
  Optional<ProxyStatus> status() {
    return Optional.ofNullable(status);
  }
}
