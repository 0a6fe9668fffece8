package io.openneg.edgeproxy;

import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Some clients that send one request after the other until they are stopped. */
final class Load implements AutoCloseable {

  private final Thread[] clients;
  private final AtomicInteger requests = new AtomicInteger();
  private final Collection<String> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean stopped;

  Load(ProxyUnderTest proxy, int clients) {
    this.clients = new Thread[clients];
    for (int i = 0; i < clients; i++) {
      this.clients[i] = Thread.ofVirtual().start(() -> run(proxy));
    }
  }

  private void run(ProxyUnderTest proxy) {
    while (!stopped) {
      try {
        HttpResponse<String> response = proxy.get("/");
        if (response.statusCode() != 200) {
          failures.add(response.statusCode() + " " + response.body());
        }
      } catch (RuntimeException e) {
        failures.add(String.valueOf(e));
      }
      requests.incrementAndGet();
    }
  }

  /** Waits until that many more requests have ended than now. */
  void awaitMore(int count) {
    int target = requests.get() + count;
    await()
        .pollInterval(Duration.ofMillis(2))
        .atMost(Duration.ofSeconds(20))
        .until(() -> requests.get() >= target);
  }

  Collection<String> failures() {
    return failures;
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread client : clients) {
      try {
        client.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
