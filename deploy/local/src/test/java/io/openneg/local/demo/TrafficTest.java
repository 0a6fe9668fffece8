package io.openneg.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TrafficTest {

  @Test
  void everyRequestIsRecordedWithWhoAnsweredItAndFailuresToo() {
    try (var backend = new HttpBackend("x");
        var traffic = new Traffic(backend.address().port())) {
      traffic.start();
      assertThat(
              Waiting.until(Duration.ofSeconds(10), () -> traffic.count(Traffic.Answer::ok) > 10))
          .isTrue();
      long killed = System.nanoTime();
      backend.kill();
      assertThat(
              Waiting.until(
                  Duration.ofSeconds(10),
                  () ->
                      traffic.sentSince(killed).stream()
                              .filter(answer -> answer.status() == 0)
                              .count()
                          > 10))
          .isTrue();

      List<Traffic.Answer> before =
          traffic.sentBetween(Long.MIN_VALUE / 2, killed).stream()
              .filter(Traffic.Answer::ok)
              .toList();
      assertThat(Traffic.byBackend(before)).containsOnlyKeys("x");
    }
  }

  @Test
  void healthAndServiceAreApart() {
    try (var backend = new HttpBackend("x");
        var traffic = new Traffic(backend.address().port())) {
      backend.setHealthy(false);
      assertThat(traffic.send("healthz").join().status()).isEqualTo(503);
      assertThat(traffic.send("").join().status()).isEqualTo(200);
    }
  }
}
