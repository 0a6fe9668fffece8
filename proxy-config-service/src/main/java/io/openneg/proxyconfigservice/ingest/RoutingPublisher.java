package io.openneg.proxyconfigservice.ingest;

import io.openneg.eventlog.KafkaProjector;
import io.openneg.proxyconfigservice.ingest.RoutingFeed.News;
import io.openneg.proxyconfigservice.ingest.RoutingFeed.Pinned;
import io.openneg.proxyconfigservice.ingest.RoutingFeed.Position;
import io.openneg.proxyconfigservice.routing.Pin;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.xds.PrivateKeys;
import io.openneg.proxyconfigservice.xds.Translator;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the routing table of this replica in memory and hands out a snapshot after each change;
 * while proxies are pinned, it goes on reading and hands out nothing. Nothing is handed out before
 * the projector has caught up with what the topics held at the start, nor while the table is made
 * anew: unknown is never turned into empty. Thread-safe.
 *
 * @see KafkaProjector#state
 */
public final class RoutingPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RoutingPublisher.class);

  /** The safety net under the wake-ups. */
  private static final long IDLE_POLL_MS = 100;

  /**
   * Changes that come within this time of the one before are handed out together; the first one of
   * a burst does not wait.
   */
  private static final long COALESCING_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long CATCH_UP_POLL_MS = 10;
  private static final long RETRY_MS = 250;

  private final RoutingFeed feed;
  private final PrivateKeys keys;
  private final BooleanSupplier caughtUp;
  private final Consumer<XdsSnapshot> publish;
  private final Semaphore wakeups = new Semaphore(0);
  private final Thread thread;
  private Position position = Position.START;
  private ProjectedOffsets reached = ProjectedOffsets.NONE;
  private RoutingTable latest = RoutingTable.empty();
  private @Nullable Pinned pinned;
  private volatile @Nullable Served served;
  private volatile @Nullable Newest newest;

  /**
   * The newest revision of the table.
   *
   * @param epoch of another one, the revision does not compare: the table was made anew
   */
  public record Newest(UUID epoch, long revision) {}

  /**
   * What proxies are told, and the table that says so.
   *
   * @param pin why that is not the newest one; empty: it is
   */
  public record Served(RoutingTable table, XdsSnapshot snapshot, Optional<Pin> pin) {}

  /**
   * @param keys opens what secrets are made of
   * @param caughtUp whether the rows are complete
   * @param publish gets every snapshot, in order; must not block
   */
  public RoutingPublisher(
      RoutingFeed feed, PrivateKeys keys, BooleanSupplier caughtUp, Consumer<XdsSnapshot> publish) {
    this.feed = feed;
    this.keys = keys;
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
    return served != null;
  }

  /** Empty before the first snapshot. */
  public Optional<Served> served() {
    return Optional.ofNullable(served);
  }

  /** Empty before the first snapshot. */
  public Optional<Newest> newest() {
    return Optional.ofNullable(newest);
  }

  private void run() {
    try {
      while (!caughtUp.getAsBoolean()) {
        Thread.sleep(CATCH_UP_POLL_MS);
      }
      while (true) {
        long begin = System.nanoTime();
        try {
          if (publishNews()) {
            TimeUnit.NANOSECONDS.sleep(COALESCING_NANOS - (System.nanoTime() - begin));
          } else if (wakeups.tryAcquire(IDLE_POLL_MS, TimeUnit.MILLISECONDS)) {
            wakeups.drainPermits();
          }
        } catch (RuntimeException e) {
          LOG.warn("the routing table cannot be read, trying again: {}", e.toString());
          Thread.sleep(RETRY_MS);
        }
      }
    } catch (InterruptedException _) {
      // close() ends it.
    }
  }

  /** Says whether there was anything to hand out. */
  private boolean publishNews() {
    Optional<News> read = feed.since(position);
    if (read.isEmpty()) {
      return false;
    }
    News news = read.get();
    Served last = served;
    if (news.anew() && !news.offsets().covers(reached)) {
      // Emptied and on its way back to where it was; what was handed out stays true meanwhile.
      return false;
    }
    RoutingTable next = (news.anew() ? RoutingTable.empty() : latest).apply(news.delta());
    @Nullable Pinned held = news.pinChanged() ? news.pinned() : pinned;
    if (last == null || news.pinChanged() || held == null) {
      RoutingTable table = held == null ? next : held.table();
      XdsSnapshot translated =
          last == null
              ? Translator.translate(table, keys)
              : news.anew() || news.pinChanged()
                  ? Translator.translate(last.snapshot(), table, keys)
                  : Translator.translate(last.snapshot(), table, news.delta(), keys);
      served = new Served(table, translated, Optional.ofNullable(held).map(Pinned::pin));
      logDropped(last == null ? null : last.snapshot(), translated);
      publish.accept(translated);
    }
    latest = next;
    pinned = held;
    position = news.to();
    reached = news.offsets();
    newest = new Newest(Objects.requireNonNull(position.epoch()), position.revision());
    return true;
  }

  private static void logDropped(@Nullable XdsSnapshot before, XdsSnapshot now) {
    now.droppedRules()
        .forEach(
            (name, reasons) -> {
              if (before == null || !reasons.equals(before.droppedRules().get(name))) {
                LOG.warn("{} is not served: {}", name, reasons);
              }
            });
    now.dropped()
        .forEach(
            (name, reasons) -> {
              if (before == null || !reasons.equals(before.dropped().get(name))) {
                LOG.warn("{} is served in part only: {}", name, reasons);
              }
            });
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
