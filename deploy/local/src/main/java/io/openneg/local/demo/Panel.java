package io.openneg.local.demo;

import io.openneg.local.client.EdgeAdmin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The live view: each backend's state as the proxy has it, and its share of the last second's
 * requests.
 */
final class Panel implements AutoCloseable {
  private static final Duration WINDOW = Duration.ofSeconds(1);

  private final Screen screen;
  private final Traffic traffic;
  private final EdgeAdmin edge;
  private final String cluster;
  private final List<HttpBackend> backends = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  Panel(
      Screen screen, Traffic traffic, EdgeAdmin edge, String cluster, List<HttpBackend> backends) {
    this.screen = screen;
    this.traffic = traffic;
    this.edge = edge;
    this.cluster = cluster;
    this.backends.addAll(backends);
    if (screen.isLive()) {
      var _ = clock.scheduleWithFixedDelay(this::draw, 0, 200, TimeUnit.MILLISECONDS);
    }
  }

  void add(HttpBackend backend) {
    backends.add(backend);
  }

  /** One line for those without the live view. */
  String line() {
    List<Traffic.Answer> recent = recent();
    Map<String, Long> shares = Traffic.byBackend(recent);
    return backends.stream()
        .map(
            backend -> "%s %d/s".formatted(backend.name(), shares.getOrDefault(backend.name(), 0L)))
        .collect(Collectors.joining("  ", "  last second: ", "  not 200: " + failed(recent)));
  }

  private void draw() {
    try {
      List<Traffic.Answer> recent = recent();
      Map<String, Long> shares = Traffic.byBackend(recent);
      Map<String, EdgeAdmin.State> states = states();
      var lines = new ArrayList<String>();
      lines.add("");
      for (HttpBackend backend : backends) {
        EdgeAdmin.State state =
            states.getOrDefault(backend.address().toString(), EdgeAdmin.State.ABSENT);
        long share = shares.getOrDefault(backend.name(), 0L);
        lines.add(
            "  %s  %-15s  %s  %3d/s %s"
                .formatted(
                    backend.name(),
                    backend.address(),
                    screen.tint(tone(state), "%-9s".formatted(state)),
                    share,
                    screen.bar(share / (double) Traffic.PER_SECOND, 30)));
      }
      lines.add(
          Screen.fit(
              "  all: %d ok, %d times 502, %d other failures"
                  .formatted(
                      traffic.count(Traffic.Answer::ok),
                      traffic.count(answer -> answer.status() == 502),
                      traffic.count(answer -> !answer.ok() && answer.status() != 502))));
      screen.panel(lines);
    } catch (RuntimeException e) {
      // The proxy is busy or going down: the view stays as it is.
    }
  }

  private static Screen.Tone tone(EdgeAdmin.State state) {
    return switch (state) {
      case HEALTHY -> Screen.Tone.GOOD;
      case UNHEALTHY -> Screen.Tone.BAD;
      case DRAINING -> Screen.Tone.CAUTION;
      case ABSENT -> Screen.Tone.FAINT;
    };
  }

  private Map<String, EdgeAdmin.State> states() {
    return edge.clusters().stream()
        .filter(candidate -> candidate.name().equals(cluster))
        .flatMap(found -> found.endpoints().stream())
        .collect(
            Collectors.toMap(
                endpoint -> endpoint.address() + ":" + endpoint.port(),
                EdgeAdmin.Endpoint::health,
                (one, other) -> one));
  }

  private List<Traffic.Answer> recent() {
    long now = System.nanoTime();
    return traffic.sentBetween(now - WINDOW.toNanos(), now);
  }

  private static long failed(List<Traffic.Answer> answers) {
    return answers.stream().filter(answer -> !answer.ok()).count();
  }

  @Override
  public void close() {
    clock.shutdownNow();
    try {
      var _ = clock.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    screen.erasePanel();
  }
}
