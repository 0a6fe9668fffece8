package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One ADS stream: moves messages between gRPC and {@link XdsStream}. It sends only what gRPC can
 * take at once; a slow proxy holds up nobody and gets the newest state when it is ready again.
 * Thread-safe.
 */
final class ConnectedProxy {
  private static final String PROXYLESS = "gRPC";

  private final ServerCallStreamObserver<DiscoveryResponse> out;
  private final Duration bound;
  private final ScheduledExecutorService timer;
  private final Instant since = Instant.now();
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Node node;
  private @Nullable XdsStream stream;
  private @Nullable XdsSnapshot snapshot;
  private @Nullable ScheduledFuture<?> wakeup;
  private boolean closed;

  /**
   * @param bound how long the client may take to acknowledge before things go on without it
   */
  ConnectedProxy(
      ServerCallStreamObserver<DiscoveryResponse> out,
      Duration bound,
      ScheduledExecutorService timer) {
    this.out = out;
    this.bound = bound;
    this.timer = timer;
  }

  void receive(DiscoveryRequest request) {
    locked(
        () -> {
          XdsStream current = stream;
          if (current == null) {
            // xDS: only the first request of a stream has to carry the node.
            node = request.getNode();
            current = new XdsStream(audience(request.getNode()), bound);
            stream = current;
            if (snapshot != null) {
              current.publish(snapshot);
            }
          }
          current.receive(request);
        });
  }

  void publish(XdsSnapshot next) {
    locked(
        () -> {
          // Publishers overtake each other; versions only go forward.
          if (snapshot != null && next.sequence() <= snapshot.sequence()) {
            return;
          }
          snapshot = next;
          if (stream != null) {
            stream.publish(next);
          }
        });
  }

  /** gRPC can take more. */
  void ready() {
    locked(() -> {});
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      if (wakeup != null) {
        wakeup.cancel(false);
      }
    } finally {
      lock.unlock();
    }
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      if (!closed) {
        change.run();
        send();
      }
    } finally {
      lock.unlock();
    }
  }

  private void send() {
    XdsStream current = stream;
    if (current == null) {
      return;
    }
    long now = System.nanoTime();
    while (out.isReady()) {
      @Nullable DiscoveryResponse answer = current.next(now);
      if (answer == null) {
        sleepUntil(current.wakeAt(), now);
        return;
      }
      out.onNext(answer);
    }
  }

  private void sleepUntil(long wakeAt, long now) {
    if (wakeup != null) {
      wakeup.cancel(false);
      wakeup = null;
    }
    if (wakeAt != XdsStream.NEVER) {
      wakeup = timer.schedule(this::ready, Math.max(wakeAt - now, 0), TimeUnit.NANOSECONDS);
    }
  }

  private static Audience audience(Node node) {
    return new Audience(
        node.getUserAgentName().startsWith(PROXYLESS), node.getLocality().getRegion());
  }

  /** Empty before the first request. */
  Optional<ProxyStatus> status() {
    lock.lock();
    try {
      if (node == null || stream == null) {
        return Optional.empty();
      }
      List<ProxyStatus.Type> types = stream.status();
      return Optional.of(
          new ProxyStatus(
              node.getId(),
              node.getLocality().getRegion(),
              node.getLocality().getZone(),
              node.getUserAgentName(),
              since,
              types));
    } finally {
      lock.unlock();
    }
  }
}
