package io.openneg.healthservice.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimingWheelTest {
  private final EventLoopGroup group = Transports.loops(1, new DefaultThreadFactory("probe", true));
  private final EventLoop loop = group.next();
  private final TimingWheel wheel = new TimingWheel(loop);

  @AfterEach
  void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static long in(Duration delay) {
    return System.nanoTime() + delay.toNanos();
  }

  /** When a task ran that was set from within the loop. */
  private CompletableFuture<Long> firing(long at) {
    CompletableFuture<Long> fired = new CompletableFuture<>();
    loop.execute(() -> wheel.schedule(at, () -> fired.complete(System.nanoTime())));
    return fired;
  }

  private static long get(CompletableFuture<Long> fired) throws Exception {
    return fired.get(30, TimeUnit.SECONDS);
  }

  @Test
  void noTimerIsEarlyAndNoneIsLost() throws Exception {
    Random random = new Random(7);
    List<Long> due = new ArrayList<>();
    List<CompletableFuture<Long>> fired = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      long at = in(Duration.ofMillis(random.nextInt(1_500)));
      due.add(at);
      fired.add(firing(at));
    }
    for (int i = 0; i < due.size(); i++) {
      assertThat(get(fired.get(i)) - due.get(i)).isNotNegative();
    }
  }

  @Test
  void aTimerOfAnotherTurnWaitsForItsOwn() throws Exception {
    // A turn is 10.24 s: both are in the same slot.
    long first = in(Duration.ofMillis(100));
    CompletableFuture<Long> later = firing(first + Duration.ofMillis(10_240).toNanos());

    get(firing(first));

    assertThat(later).isNotDone();
    assertThat(get(later) - first).isGreaterThanOrEqualTo(Duration.ofMillis(10_240).toNanos());
  }

  @Test
  void anEarlierTimerDoesNotWaitForTheOneSetBefore() throws Exception {
    CompletableFuture<Long> late = firing(in(Duration.ofSeconds(20)));

    get(firing(in(Duration.ofMillis(50))));

    assertThat(late).isNotDone();
  }

  @Test
  void aCancelledTimerDoesNotRun() throws Exception {
    ConcurrentLinkedQueue<String> ran = new ConcurrentLinkedQueue<>();
    loop.execute(
        () -> {
          var cancelled =
              wheel.schedule(in(Duration.ofMillis(50)), () -> ran.add("the cancelled one"));
          wheel.schedule(in(Duration.ofMillis(20)), cancelled::cancel);
        });

    get(firing(in(Duration.ofMillis(200))));

    assertThat(ran).isEmpty();
  }

  @Test
  void whatWasDueInAPauseRunsAfterItInOrder() throws Exception {
    ConcurrentLinkedQueue<Integer> ran = new ConcurrentLinkedQueue<>();
    CountDownLatch all = new CountDownLatch(3);
    loop.execute(
        () -> {
          for (int i : new int[] {2, 0, 1}) {
            wheel.schedule(
                in(Duration.ofMillis(100 + 100L * i)),
                () -> {
                  ran.add(i);
                  all.countDown();
                });
          }
          LockSupport.parkNanos(Duration.ofMillis(600).toNanos());
        });

    assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).containsExactly(0, 1, 2);
  }

  @Test
  void aTaskThatFailsTakesNoOtherWithIt() throws Exception {
    long at = in(Duration.ofMillis(50));
    loop.execute(
        () ->
            wheel.schedule(
                at,
                () -> {
                  throw new IllegalStateException("on purpose");
                }));

    get(firing(at));
    get(firing(in(Duration.ofMillis(20))));
  }

  @Test
  void aTaskMaySetTheNext() throws Exception {
    CompletableFuture<Long> third = new CompletableFuture<>();
    loop.execute(
        () ->
            wheel.schedule(
                0,
                () ->
                    wheel.schedule(
                        0, () -> wheel.schedule(0, () -> third.complete(System.nanoTime())))));

    get(third);
  }
}
