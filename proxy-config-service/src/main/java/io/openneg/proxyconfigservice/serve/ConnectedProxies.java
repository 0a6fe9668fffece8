package io.openneg.proxyconfigservice.serve;

import io.grpc.stub.ServerCallStreamObserver;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All streams of this replica. Each is worked on by itself, on a few threads that they share; none
 * waits for another. Before the first snapshot nobody is told anything: unknown is not empty.
 * Thread-safe.
 */
public final class ConnectedProxies implements AutoCloseable {
  private final Duration bound;
  private final Set<ConnectedProxy<?, ?>> proxies = ConcurrentHashMap.newKeySet();

  /** As many as there are processors, so that a push to many leaves the others theirs. */
  private final PushWorkers workers = new PushWorkers(Runtime.getRuntime().availableProcessors());

  private final Arrivals arrivals;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("xds-timer").daemon().factory());
  private final Movements movements = new Movements();
  private volatile @Nullable XdsSnapshot snapshot;

  /**
   * @param bound how long a client may take to acknowledge before things go on without it
   * @param arrivalsAtOnce how many streams that have just come may be told everything at a time
   * @throws IllegalArgumentException when that is none
   */
  public ConnectedProxies(Duration bound, int arrivalsAtOnce) {
    if (arrivalsAtOnce < 1) {
      throw new IllegalArgumentException(
          "openneg.arrivals-at-once must be 1 or more, is " + arrivalsAtOnce);
    }
    this.bound = bound;
    this.arrivals = new Arrivals(arrivalsAtOnce);
  }

  <Q, A> ConnectedProxy<Q, A> connect(
      WireForm<Q, A> form, Set<XdsType> served, ServerCallStreamObserver<A> out) {
    AtomicReference<@Nullable ConnectedProxy<Q, A>> self = new AtomicReference<>();
    ConnectedProxy<Q, A> proxy =
        new ConnectedProxy<>(
            form,
            served,
            out,
            bound,
            workers,
            arrivals,
            timer,
            movements::signal,
            () -> {
              ConnectedProxy<Q, A> ended = self.get();
              if (ended != null) {
                proxies.remove(ended);
                movements.signal();
              }
            });
    self.set(proxy);
    proxies.add(proxy);
    // After it was added, so that it misses none that is published meanwhile.
    XdsSnapshot current = snapshot;
    if (current != null) {
      proxy.publish(current);
    }
    return proxy;
  }

  void disconnect(ConnectedProxy<?, ?> proxy) {
    proxies.remove(proxy);
    proxy.close();
    movements.signal();
  }

  /** Tells every proxy; returns at once. One caller at a time. */
  public void publish(XdsSnapshot next) {
    snapshot = next;
    proxies.forEach(proxy -> proxy.publish(next));
    movements.signal();
  }

  /** Counts what may have changed a status, or what there is to be told. */
  public Movements movements() {
    return movements;
  }

  /** Those that have introduced themselves, in order of node and of connecting. */
  public List<ProxyStatus> status() {
    return proxies.stream()
        .map(ConnectedProxy::status)
        .flatMap(Optional::stream)
        .sorted(
            Comparator.comparing(ProxyStatus::nodeId).thenComparing(ProxyStatus::connectedSince))
        .toList();
  }

  /**
   * How far those are with some resources that have introduced themselves, in order of nodes.
   *
   * @param nodes the ids of those that are asked
   */
  public CompletableFuture<List<ProxyProgress>> progress(
      Predicate<String> nodes, List<ResourceKey> resources) {
    return views(nodes).thenApply(views -> ProxyProgress.of(views, resources));
  }

  /** What those have that have introduced themselves, in order of nodes. */
  CompletableFuture<List<ClientView>> views(Predicate<String> nodes) {
    List<CompletableFuture<Optional<ClientView>>> views =
        proxies.stream()
            .filter(proxy -> proxy.status().map(ProxyStatus::nodeId).filter(nodes).isPresent())
            .<CompletableFuture<Optional<ClientView>>>map(ConnectedProxy::view)
            .toList();
    return CompletableFuture.allOf(views.toArray(CompletableFuture[]::new))
        .thenApply(
            _ ->
                views.stream()
                    .flatMap(view -> view.join().stream())
                    .sorted(Comparator.comparing(view -> view.node().getId()))
                    .toList());
  }

  @Override
  public void close() {
    proxies.forEach(ConnectedProxy::close);
    workers.close();
    timer.shutdownNow();
  }
}
