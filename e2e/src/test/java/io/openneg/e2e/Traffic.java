package io.openneg.e2e;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Constant traffic: one call after the other, about 200 a second, each answered with a backend's
 * name or counted as failed.
 */
final class Traffic implements AutoCloseable {
  private static final int REMEMBERED = 50;

  private final Callable<String> call;
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final List<String> latest = new CopyOnWriteArrayList<>();
  private final AtomicLong answered = new AtomicLong();
  private final Thread thread;
  private volatile boolean stopped;

  private Traffic(Callable<String> call) {
    this.call = call;
    this.thread = Thread.ofPlatform().name("traffic").daemon().unstarted(this::run);
  }

  static Traffic start(Callable<String> call) {
    var traffic = new Traffic(call);
    traffic.thread.start();
    return traffic;
  }

  private void run() {
    while (!stopped) {
      try {
        String backend = call.call();
        latest.add(backend);
        if (latest.size() > REMEMBERED) {
          latest.removeFirst();
        }
        answered.incrementAndGet();
      } catch (Exception e) {
        if (!stopped) {
          failures.add(e.toString());
        }
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** What went wrong so far. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  long answered() {
    return answered.get();
  }

  /** The backends of the last fifty answers. */
  List<String> latest() {
    return List.copyOf(latest);
  }

  /** Forgets what was answered, to look at what comes from now on. */
  void forget() {
    latest.clear();
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
