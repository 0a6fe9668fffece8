package io.openneg.proxyconfigservice.serve;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PushWorkersTest {

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void thoseThatAreThereGoFirstAndThoseThatArriveDoNotWaitForEver() {
    List<String> order = new CopyOnWriteArrayList<>();
    CountDownLatch begin = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(30);
    try (PushWorkers workers = new PushWorkers(1)) {
      workers.execute(
          () -> {
            busy.countDown();
            await(begin);
          },
          true);
      await(busy);
      for (int i = 0; i < 10; i++) {
        workers.execute(() -> note(order, "a", end), true);
      }
      for (int i = 0; i < 20; i++) {
        workers.execute(() -> note(order, "k", end), false);
      }
      begin.countDown();
      await(end);
    }
    assertThat(order.stream().collect(joining()))
        .isEqualTo("kkkkkkkk" + "a" + "kkkkkkkk" + "a" + "kkkk" + "aaaaaaaa");
  }

  private static void note(List<String> order, String who, CountDownLatch end) {
    order.add(who);
    end.countDown();
  }

  @Test
  void thoseThatArriveNeverHaveAllThreads() {
    AtomicInteger atWork = new AtomicInteger();
    CountDownLatch hold = new CountDownLatch(1);
    CountDownLatch served = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(50);
    try (PushWorkers workers = new PushWorkers(3)) {
      for (int i = 0; i < 50; i++) {
        workers.execute(
            () -> {
              assertThat(atWork.incrementAndGet()).isLessThanOrEqualTo(2);
              await(hold);
              atWork.decrementAndGet();
              end.countDown();
            },
            true);
      }
      workers.execute(served::countDown, false);
      await(served);
      hold.countDown();
      await(end);
    }
  }

  @Test
  void workThatFailsEndsNoThread() {
    CountDownLatch end = new CountDownLatch(1);
    try (PushWorkers workers = new PushWorkers(1)) {
      workers.execute(
          () -> {
            throw new IllegalStateException("on purpose");
          },
          true);
      workers.execute(end::countDown, true);
      await(end);
    }
  }
}
