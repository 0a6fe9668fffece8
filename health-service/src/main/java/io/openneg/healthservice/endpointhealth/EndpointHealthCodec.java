package io.openneg.healthservice.endpointhealth;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.openneg.eventlog.EventCodec;
import io.openneg.health.v1.HealthEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.HealthChanged;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.ProbingStopped;
import io.openneg.healthservice.target.Target;
import java.time.Duration;
import java.time.Instant;

/** Events of targets as {@code openneg.health.v1.HealthEvent}, exhaustive both ways. */
public final class EndpointHealthCodec implements EventCodec<EndpointHealthEvent> {

  @Override
  public String type(EndpointHealthEvent event) {
    return switch (event) {
      case HealthChanged _ -> "openneg.health.v1.HealthChanged";
      case ProbingStopped _ -> "openneg.health.v1.ProbingStopped";
    };
  }

  @Override
  public byte[] encode(EndpointHealthEvent event) {
    HealthEvent.Builder encoded = HealthEvent.newBuilder();
    Target target = event.target();
    switch (event) {
      case HealthChanged changed ->
          encoded
              .getHealthChangedBuilder()
              .setHealthCheck(target.healthCheck())
              .setIpAddress(target.ip())
              .setPort(target.port())
              .setOldState(encode(changed.oldState()))
              .setNewState(encode(changed.newState()))
              .setReason(encode(changed.reason()))
              .setProbeText(changed.probeText())
              .setObservedAt(encode(changed.observedAt()))
              .setLatency(
                  com.google.protobuf.Duration.newBuilder()
                      .setSeconds(changed.latency().toSeconds())
                      .setNanos(changed.latency().toNanosPart()))
              .setConsecutive(changed.consecutive());
      case ProbingStopped _ ->
          encoded
              .getProbingStoppedBuilder()
              .setHealthCheck(target.healthCheck())
              .setIpAddress(target.ip())
              .setPort(target.port());
    }
    return encoded.build().toByteArray();
  }

  /** The published message of an event. */
  public static HealthEvent message(byte[] payload) {
    try {
      return HealthEvent.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a HealthEvent", e);
    }
  }

  @Override
  public EndpointHealthEvent decode(byte[] payload) {
    HealthEvent event = message(payload);
    return switch (event.getEventCase()) {
      case HEALTH_CHANGED -> {
        var changed = event.getHealthChanged();
        yield new HealthChanged(
            new Target(changed.getHealthCheck(), changed.getIpAddress(), changed.getPort()),
            decode(changed.getOldState()),
            decode(changed.getNewState()),
            decode(changed.getReason()),
            changed.getProbeText(),
            Instant.ofEpochSecond(
                changed.getObservedAt().getSeconds(), changed.getObservedAt().getNanos()),
            Duration.ofSeconds(changed.getLatency().getSeconds(), changed.getLatency().getNanos()),
            changed.getConsecutive());
      }
      case PROBING_STOPPED -> {
        var stopped = event.getProbingStopped();
        yield new ProbingStopped(
            new Target(stopped.getHealthCheck(), stopped.getIpAddress(), stopped.getPort()));
      }
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a HealthEvent of no known kind");
    };
  }

  public static io.openneg.health.v1.HealthState encode(HealthState state) {
    return switch (state) {
      case UNKNOWN -> io.openneg.health.v1.HealthState.UNKNOWN;
      case HEALTHY -> io.openneg.health.v1.HealthState.HEALTHY;
      case UNHEALTHY -> io.openneg.health.v1.HealthState.UNHEALTHY;
    };
  }

  private static HealthState decode(io.openneg.health.v1.HealthState state) {
    return switch (state) {
      case UNKNOWN -> HealthState.UNKNOWN;
      case HEALTHY -> HealthState.HEALTHY;
      case UNHEALTHY -> HealthState.UNHEALTHY;
      case NOT_CHECKED, DRAINING, HEALTH_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(state + " is not a verdict");
    };
  }

  public static io.openneg.health.v1.ProbeReason encode(ProbeReason reason) {
    return switch (reason) {
      case SUCCESS -> io.openneg.health.v1.ProbeReason.SUCCESS;
      case CONNECTION_REFUSED -> io.openneg.health.v1.ProbeReason.CONNECTION_REFUSED;
      case CONNECT_TIMEOUT -> io.openneg.health.v1.ProbeReason.CONNECT_TIMEOUT;
      case TIMEOUT -> io.openneg.health.v1.ProbeReason.TIMEOUT;
      case HTTP_STATUS -> io.openneg.health.v1.ProbeReason.HTTP_STATUS;
      case RESPONSE_MISMATCH -> io.openneg.health.v1.ProbeReason.RESPONSE_MISMATCH;
      case RESET -> io.openneg.health.v1.ProbeReason.RESET;
      case UNREACHABLE -> io.openneg.health.v1.ProbeReason.UNREACHABLE;
      case PROTOCOL_ERROR -> io.openneg.health.v1.ProbeReason.PROTOCOL_ERROR;
      case TLS_ERROR -> io.openneg.health.v1.ProbeReason.TLS_ERROR;
      case GRPC_STATUS -> io.openneg.health.v1.ProbeReason.GRPC_STATUS;
    };
  }

  private static ProbeReason decode(io.openneg.health.v1.ProbeReason reason) {
    return switch (reason) {
      case SUCCESS -> ProbeReason.SUCCESS;
      case CONNECTION_REFUSED -> ProbeReason.CONNECTION_REFUSED;
      case CONNECT_TIMEOUT -> ProbeReason.CONNECT_TIMEOUT;
      case TIMEOUT -> ProbeReason.TIMEOUT;
      case HTTP_STATUS -> ProbeReason.HTTP_STATUS;
      case RESPONSE_MISMATCH -> ProbeReason.RESPONSE_MISMATCH;
      case RESET -> ProbeReason.RESET;
      case UNREACHABLE -> ProbeReason.UNREACHABLE;
      case PROTOCOL_ERROR -> ProbeReason.PROTOCOL_ERROR;
      case TLS_ERROR -> ProbeReason.TLS_ERROR;
      case GRPC_STATUS -> ProbeReason.GRPC_STATUS;
      case PROBE_REASON_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(reason + " is not the end of a probe");
    };
  }

  public static Timestamp encode(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
