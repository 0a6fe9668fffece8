package io.openneg.proxyconfigservice.explain;

import io.openneg.proxyconfigservice.ingest.RoutingFeed;
import io.openneg.proxyconfigservice.ingest.RoutingFeed.Applied;
import io.openneg.proxyconfigservice.routing.Pin;
import io.openneg.proxyconfigservice.serve.ConnectedProxies;
import io.openneg.proxyconfigservice.serve.ProxyStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether a change has reached every proxy that is connected to this replica: it is in the routing
 * table, and each has acknowledged what that table says. Thread-safe.
 */
public final class Convergence {
  /** Nobody signals that a change is in the table which makes no difference there. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private final RoutingFeed feed;
  private final ConnectedProxies proxies;
  private final Supplier<Optional<Pin>> pin;

  /**
   * @param pin at what the proxies are held, if they are
   */
  public Convergence(RoutingFeed feed, ConnectedProxies proxies, Supplier<Optional<Pin>> pin) {
    this.feed = feed;
    this.proxies = proxies;
    this.pin = pin;
  }

  /**
   * How far a change has come.
   *
   * @param revision one that contains it; 0 if none does yet
   * @param notApplied why none does, for people; empty if one does
   * @param heldBack why proxies are not told of it, for people; empty: they are
   * @param connected the number of proxies that are connected
   */
  public record Progress(
      long revision, String notApplied, String heldBack, int connected, List<Lag> lagging) {
    public boolean converged() {
      return notApplied.isEmpty() && heldBack.isEmpty() && lagging.isEmpty();
    }
  }

  /** A proxy that does not have the change, and why. */
  public record Lag(ProxyStatus proxy, List<String> reasons) {}

  /** Returns as soon as the change has converged, or with what it has come to in time. */
  public Progress await(ChangeToken token, Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    Applied applied = Applied.NOT;
    while (true) {
      long seen = proxies.movements().count();
      if (!applied.done()) {
        applied = feed.applied(token.stream(), token.version());
      }
      Progress progress = progress(applied);
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (progress.converged() || !left.isPositive()) {
        return progress;
      }
      proxies
          .movements()
          .awaitOther(seen, applied.done() || left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
    }
  }

  private Progress progress(Applied applied) {
    List<ProxyStatus> connected = proxies.status();
    List<Lag> lagging = new ArrayList<>();
    String heldBack =
        applied.done()
            ? pin.get()
                .filter(one -> one.revision() < applied.revision())
                .map(Pin::toString)
                .orElse("")
            : "";
    if (applied.done()) {
      for (ProxyStatus proxy : connected) {
        List<String> reasons =
            heldBack.isEmpty() ? proxy.lagBehind(applied.revision()) : List.of(heldBack);
        if (!reasons.isEmpty()) {
          lagging.add(new Lag(proxy, reasons));
        }
      }
    }
    return new Progress(
        applied.revision(), applied.otherwise(), heldBack, connected.size(), lagging);
  }
}
