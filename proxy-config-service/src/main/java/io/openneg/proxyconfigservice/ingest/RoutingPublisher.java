package io.openneg.proxyconfigservice.ingest;

import io.openneg.eventlog.KafkaProjector;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.xds.Translator;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the routing table of this replica in memory and hands out a snapshot after each change.
 * Nothing is handed out before the projector has caught up with what the topics held at the start:
 * unknown is never turned into empty. Thread-safe.
 *
 * @see KafkaProjector#state
 */
public final class RoutingPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RoutingPublisher.class);
  // The safety net under the wake-ups.
  private static final long IDLE_POLL_MS = 100;

  private final RoutingFeed feed;
  private final BooleanSupplier caughtUp;
  private final Consumer<XdsSnapshot> publish;
  private final Semaphore wakeups = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable XdsSnapshot snapshot;

  /**
   * @param caughtUp whether the rows are complete
   * @param publish gets every snapshot, in order; must not block
   */
  public RoutingPublisher(
      RoutingFeed feed, BooleanSupplier caughtUp, Consumer<XdsSnapshot> publish) {
    this.feed = feed;
    this.caughtUp = caughtUp;
    this.publish = publish;
    this.thread = Thread.ofPlatform().name("routing-publisher").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Says that there may be a new revision. Never blocks. */
  public void wake() {
    if (wakeups.availablePermits() == 0) {
      wakeups.release();
    }
  }

  /** Whether proxies are served. */
  public boolean isServing() {
    return snapshot != null;
  }

  private void run() {
    RoutingTable table = RoutingTable.empty();
    while (!closed) {
      try {
        if (snapshot == null && !caughtUp.getAsBoolean()) {
          Thread.sleep(10);
          continue;
        }
        RoutingTableDelta delta = feed.since(table.revision());
        if (delta.upTo() > table.revision() || snapshot == null) {
          table = table.apply(delta);
          XdsSnapshot before = snapshot;
          XdsSnapshot next =
              before == null
                  ? Translator.translate(table)
                  : Translator.translate(before, table, delta);
          snapshot = next;
          publish.accept(next);
          continue;
        }
        if (wakeups.tryAcquire(IDLE_POLL_MS, TimeUnit.MILLISECONDS)) {
          wakeups.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("the routing table cannot be read, trying again: {}", e.toString());
        try {
          Thread.sleep(250);
        } catch (InterruptedException _) {
          return;
        }
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
