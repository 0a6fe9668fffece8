package io.openneg.proxyconfigservice.serve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few threads for the work of all streams. What streams that are up to date are to be told comes
 * before what arriving ones are, which are many at once and want everything; of each, first come
 * first served. Arriving ones never have all threads, and never wait for ever. Thread-safe.
 */
final class PushWorkers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PushWorkers.class);

  /** So many of the others may go before one that arrives. */
  static final int MOST_BEFORE_AN_ARRIVING_ONE = 8;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private final Deque<Runnable> known = new ArrayDeque<>();
  private final Deque<Runnable> arriving = new ArrayDeque<>();
  private final int mostArriving;
  private final List<Thread> threads = new ArrayList<>();
  private int arrivingAtWork;
  private int knownInARow;

  private record Task(Runnable work, boolean arriving) {}

  PushWorkers(int count) {
    mostArriving = Math.max(1, count - 1);
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofPlatform().name("xds-" + i).daemon().start(this::work));
    }
  }

  /**
   * @param isArriving whether it is of a stream that has not had all that there is yet
   */
  void execute(Runnable work, boolean isArriving) {
    lock.lock();
    try {
      (isArriving ? arriving : known).add(work);
      change.signal();
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    try {
      while (true) {
        Task task = take();
        try {
          task.work().run();
        } catch (RuntimeException e) {
          LOG.error("the work of a stream failed", e);
        } finally {
          done(task);
        }
      }
    } catch (InterruptedException _) {
      // close() ends it.
    }
  }

  private Task take() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        boolean mayArrive = !arriving.isEmpty() && arrivingAtWork < mostArriving;
        boolean itsTurn = known.isEmpty() || knownInARow >= MOST_BEFORE_AN_ARRIVING_ONE;
        if (mayArrive && itsTurn) {
          knownInARow = 0;
          arrivingAtWork++;
          return new Task(arriving.remove(), true);
        }
        if (!known.isEmpty()) {
          knownInARow++;
          return new Task(known.remove(), false);
        }
        change.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void done(Task task) {
    if (task.arriving()) {
      lock.lock();
      try {
        arrivingAtWork--;
        change.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }
}
