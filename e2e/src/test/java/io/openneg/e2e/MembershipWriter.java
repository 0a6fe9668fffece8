package io.openneg.e2e;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.openneg.local.client.Api;
import io.openneg.neg.v1.AttachNetworkEndpointsRequest;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.NetworkEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Attaches and detaches endpoints, one call after the other, and keeps what was acknowledged. A
 * call that failed because something was away is repeated with the same request id until it is
 * answered, as a careful client does.
 */
final class MembershipWriter implements AutoCloseable {
  private final Api api;
  private final String neg;
  private final Set<String> acknowledged = new TreeSet<>();
  private final AtomicLong answers = new AtomicLong();
  private final Random random = new Random(42);
  private final Thread thread;
  private volatile boolean stopped;
  private volatile @Nullable RuntimeException failure;

  private MembershipWriter(Api api, String neg) {
    this.api = api;
    this.neg = neg;
    this.thread = Thread.ofPlatform().name("membership").daemon().unstarted(this::run);
  }

  static MembershipWriter start(Api api, String neg) {
    var writer = new MembershipWriter(api, neg);
    writer.thread.start();
    return writer;
  }

  long answers() {
    RuntimeException failed = failure;
    if (failed != null) {
      throw failed;
    }
    return answers.get();
  }

  /** Ends with the call under way answered; what the group must hold now, as {@code ip:port}. */
  Set<String> stop() {
    close();
    RuntimeException failed = failure;
    if (failed != null) {
      throw failed;
    }
    return acknowledged;
  }

  private void run() {
    try {
      while (!stopped) {
        if (acknowledged.size() < 20 || random.nextBoolean()) {
          attach(
              "10.%d.%d.%d"
                  .formatted(random.nextInt(256), random.nextInt(256), random.nextInt(1, 255)));
        } else {
          List<String> all = new ArrayList<>(acknowledged);
          detach(all.get(random.nextInt(all.size())));
        }
        answers.incrementAndGet();
        LockSupport.parkNanos(10_000_000);
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void attach(String ip) {
    var request =
        AttachNetworkEndpointsRequest.newBuilder()
            .setName(neg)
            .addNetworkEndpoints(NetworkEndpoint.newBuilder().setIpAddress(ip).setPort(80))
            .setRequestId(UUID.randomUUID().toString())
            .build();
    untilAnswered(() -> api.negs().attachNetworkEndpoints(request));
    acknowledged.add(ip + ":80");
  }

  private void detach(String endpoint) {
    String ip = endpoint.substring(0, endpoint.indexOf(':'));
    var request =
        DetachNetworkEndpointsRequest.newBuilder()
            .setName(neg)
            .addNetworkEndpoints(NetworkEndpoint.newBuilder().setIpAddress(ip).setPort(80))
            .setRequestId(UUID.randomUUID().toString())
            .build();
    untilAnswered(() -> api.negs().detachNetworkEndpoints(request));
    acknowledged.remove(endpoint);
  }

  private static void untilAnswered(Runnable call) {
    while (true) {
      try {
        call.run();
        return;
      } catch (StatusRuntimeException e) {
        Status.Code code = e.getStatus().getCode();
        if (code != Status.Code.UNAVAILABLE && code != Status.Code.DEADLINE_EXCEEDED) {
          throw e;
        }
        LockSupport.parkNanos(100_000_000);
      }
    }
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
