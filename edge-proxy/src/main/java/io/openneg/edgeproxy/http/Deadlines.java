package io.openneg.edgeproxy.http;

import io.openneg.edgeproxy.config.ResponseFlag;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How long an exchange may take as a whole, and how long without any progress. A duration of zero
 * means no limit. Confined to one event loop.
 */
final class Deadlines {

  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final Consumer<ResponseFlag> expired;
  private long timer = NO_TIMER;
  private long lastProgress = System.nanoTime();

  /**
   * @param expired gets {@link ResponseFlag#UT} or {@link ResponseFlag#SI}
   */
  Deadlines(Vertx vertx, Consumer<ResponseFlag> expired) {
    this.vertx = vertx;
    this.expired = expired;
  }

  /** Begins to count the whole, unless that was begun before. */
  void start(Duration limit) {
    if (!limit.isZero() && timer == NO_TIMER) {
      timer = vertx.setTimer(Math.max(1, limit.toMillis()), _ -> expired.accept(ResponseFlag.UT));
    }
  }

  void progress() {
    lastProgress = System.nanoTime();
  }

  /** To be called now and then. */
  void checkProgress(Duration limit) {
    if (!limit.isZero() && System.nanoTime() - lastProgress > limit.toNanos()) {
      expired.accept(ResponseFlag.SI);
    }
  }

  void cancel() {
    if (timer != NO_TIMER) {
      vertx.cancelTimer(timer);
    }
  }
}
