package io.openneg.edgeproxy.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;

/**
 * Moves a body from one side to the other, no faster than the slower one: at most one write buffer
 * of it is in memory. To be used on one event loop.
 */
final class Pump {

  private final ReadStream<Buffer> from;
  private final WriteStream<Buffer> to;
  private boolean stopped;

  private Pump(ReadStream<Buffer> from, WriteStream<Buffer> to) {
    this.from = from;
    this.to = to;
  }

  /**
   * Begins to move.
   *
   * @param progress run for every piece
   * @param done run at the end of the body; to end {@code to} is left to it
   */
  static Pump start(
      ReadStream<Buffer> from, WriteStream<Buffer> to, Runnable progress, Runnable done) {
    Pump pump = new Pump(from, to);
    from.endHandler(
        _ -> {
          if (!pump.stopped) {
            done.run();
          }
        });
    from.handler(
        buffer -> {
          if (!pump.stopped) {
            progress.run();
            pump.move(buffer);
          }
        });
    from.resume();
    return pump;
  }

  private void move(Buffer buffer) {
    // Failures are told by the streams' own handlers, for bodies and heads alike.
    var _ = to.write(buffer);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(
          _ -> {
            if (!stopped) {
              from.resume();
            }
          });
    }
  }

  /** Moves nothing more. */
  void stop() {
    stopped = true;
  }
}
