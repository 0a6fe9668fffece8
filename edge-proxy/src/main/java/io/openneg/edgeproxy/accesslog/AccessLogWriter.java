package io.openneg.edgeproxy.accesslog;

import io.openneg.edgeproxy.config.AccessLog;
import io.openneg.edgeproxy.config.AccessLog.Operator;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Writes lines, one JSON object each, by a thread of its own: whoever reads them slowly holds up no
 * request, and loses lines instead. Thread-safe.
 */
public final class AccessLogWriter implements AutoCloseable {
  private static final int MILLION = 1_000_000;
  private static final int MAX_WAITING = 10_000;

  private final BlockingQueue<JsonObject> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final PrintStream out;
  private final Thread thread;

  /** Lines that were not written, because too many waited. */
  public final LongAdder lost = new LongAdder();

  public AccessLogWriter(PrintStream out) {
    this.out = out;
    this.thread = Thread.ofPlatform().name("access-log").daemon().start(this::write);
  }

  /**
   * Writes a line for each of the logs that has a request or connection for this cluster.
   *
   * @param values asked for when there is something to write; an operator without a value is null
   *     in the line
   */
  public void log(List<AccessLog> logs, String cluster, Supplier<Map<Operator, Object>> values) {
    for (AccessLog log : logs) {
      boolean meant = log.cluster() == null || log.cluster().equals(cluster);
      if (meant && ThreadLocalRandom.current().nextInt(MILLION) < log.millionths()) {
        Map<Operator, Object> known = values.get();
        JsonObject line = new JsonObject();
        for (AccessLog.Column column : log.columns()) {
          line.put(
              column.name(),
              column.operator() == null ? column.text() : known.get(column.operator()));
        }
        if (!waiting.offer(line)) {
          lost.increment();
        }
      }
    }
  }

  private void write() {
    try {
      while (true) {
        out.println(waiting.take().encode());
      }
    } catch (InterruptedException e) {
      for (JsonObject rest = waiting.poll(); rest != null; rest = waiting.poll()) {
        out.println(rest.encode());
      }
    }
  }

  /** Writes what waits. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
