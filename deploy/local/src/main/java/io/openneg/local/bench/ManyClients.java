package io.openneg.local.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How often many can do something at the same time. */
final class ManyClients {
  private ManyClients() {}

  /**
   * @param clients each does its own again and again
   * @return times per second, of all together
   */
  static double perSecond(Duration duration, List<Runnable> clients) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long end = System.nanoTime() + duration.toNanos();
      List<Future<Long>> running = new ArrayList<>();
      for (Runnable client : clients) {
        running.add(
            threads.submit(
                () -> {
                  long done = 0;
                  while (System.nanoTime() < end) {
                    client.run();
                    done++;
                  }
                  return done;
                }));
      }
      long sum = 0;
      for (Future<Long> each : running) {
        sum += each.get();
      }
      return sum / (duration.toNanos() / 1e9);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a client failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
