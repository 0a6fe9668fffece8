package io.openneg.edgeproxy.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection. Its state is confined to the connection's event loop, except where noted.
 */
final class Downstream {

  private final HttpConnection connection;
  private final Context context;
  private @Nullable Exchange current;
  private boolean closing;
  private volatile boolean busy;
  private volatile long lastUse = System.nanoTime();

  Downstream(HttpConnection connection, Context context) {
    this.connection = connection;
    this.context = context;
  }

  void begin(Exchange exchange) {
    current = exchange;
    busy = true;
  }

  void end() {
    current = null;
    lastUse = System.nanoTime();
    busy = false;
  }

  /** Whether the connection ends with the current request. */
  boolean closing() {
    return closing;
  }

  /** Lets the current request be the last one. */
  void closeAfterCurrent() {
    closing = true;
  }

  void close() {
    var _ = connection.close();
  }

  HttpConnection connection() {
    return connection;
  }

  /** From any thread: closes the connection now if it is idle, else after the current request. */
  void drain() {
    context.runOnContext(
        _ -> {
          closing = true;
          if (current == null) {
            close();
          }
        });
  }

  /** From any thread: ends what has made no progress for too long. Zero means no limit. */
  void checkIdle(Duration idleTimeout) {
    if (busy) {
      context.runOnContext(
          _ -> {
            if (current != null) {
              current.checkIdle();
            }
          });
    } else if (!idleTimeout.isZero() && System.nanoTime() - lastUse > idleTimeout.toNanos()) {
      context.runOnContext(
          _ -> {
            if (current == null) {
              close();
            }
          });
    }
  }
}
