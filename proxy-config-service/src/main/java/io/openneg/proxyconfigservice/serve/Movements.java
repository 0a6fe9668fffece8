package io.openneg.proxyconfigservice.serve;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A count of signals that any number of threads can wait on, without missing one. Thread-safe. */
public final class Movements {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private long count;

  void signal() {
    lock.lock();
    try {
      count++;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** To be taken before looking at what may move. */
  public long count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Returns when the count is no longer what it was, or the time is over. */
  public void awaitOther(long seen, Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lock();
    try {
      while (count == seen && left > 0) {
        left = moved.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
