package io.openneg.healthservice.endpointhealth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.health.v1.HealthEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.HealthChanged;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.ProbingStopped;
import io.openneg.healthservice.target.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointHealthCodecTest {
  private static final Target TARGET =
      new Target("projects/p/global/healthChecks/hc", "10.0.0.1", 8080);
  private static final HealthChanged CHANGED =
      new HealthChanged(
          TARGET,
          HealthState.HEALTHY,
          HealthState.UNHEALTHY,
          ProbeReason.HTTP_STATUS,
          "HTTP status 503",
          Instant.parse("2026-11-01T12:34:56.789012345Z"),
          Duration.ofNanos(1_234_567_890L),
          2);

  // What was ever written must be readable for ever: never change these.
  private static final String CHANGED_V1 =
      "0a600a2170726f6a656374732f702f676c6f62616c2f6865616c746843686563"
          + "6b732f6863120831302e302e302e3118903f2002280330053a0f485454502073"
          + "746174757320353033420c08f0e39cd70610f9be9df8024a07080110d2f1ec6f"
          + "5002";
  private static final String STOPPED_V1 =
      "12300a2170726f6a656374732f702f676c6f62616c2f6865616c746843686563"
          + "6b732f6863120831302e302e302e3118903f";

  private final EndpointHealthCodec codec = new EndpointHealthCodec();

  private static List<EndpointHealthEvent> events() {
    List<EndpointHealthEvent> events = new ArrayList<>();
    for (Class<?> kind : EndpointHealthEvent.class.getPermittedSubclasses()) {
      if (kind == HealthChanged.class) {
        events.add(CHANGED);
      } else if (kind == ProbingStopped.class) {
        events.add(new ProbingStopped(TARGET));
      } else {
        throw new AssertionError("no example of " + kind);
      }
    }
    return events;
  }

  @Test
  void everyEventComesBackAsItWas() {
    assertThat(events())
        .hasSize(2)
        .allSatisfy(
            event -> {
              assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
              assertThat(codec.type(event))
                  .isEqualTo("openneg.health.v1." + event.getClass().getSimpleName());
            });
  }

  @Test
  void everyReasonAndStateComesBackAsItWas() {
    assertThat(Arrays.stream(ProbeReason.values()))
        .allSatisfy(
            reason ->
                assertThat(EndpointHealthCodec.encode(reason).name()).isEqualTo(reason.name()));
    for (ProbeReason reason : ProbeReason.values()) {
      for (HealthState state : HealthState.values()) {
        var event =
            new HealthChanged(TARGET, state, state, reason, "", Instant.EPOCH, Duration.ZERO, 10);
        assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
      }
    }
  }

  @Test
  void eventsOfVersionOneStayReadable() {
    assertThat(codec.decode(HexFormat.of().parseHex(CHANGED_V1))).isEqualTo(CHANGED);
    assertThat(codec.decode(HexFormat.of().parseHex(STOPPED_V1)))
        .isEqualTo(new ProbingStopped(TARGET));
  }

  @Test
  void whatIsNoEventIsRefused() {
    assertThatThrownBy(() -> codec.decode(new byte[] {1, 2, 3}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> codec.decode(HealthEvent.getDefaultInstance().toByteArray()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
