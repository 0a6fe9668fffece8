package io.openneg.healthservice.endpointhealth;

import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.health.v1.EffectiveHealthCheck;
import io.openneg.healthservice.target.HealthCheck;
import io.openneg.healthservice.target.HealthCheckCodec;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * Health checks as endpoints are really probed with them, to be shown beside the verdicts: what was
 * set and what applies must not differ unseen.
 */
final class EffectiveChecks {
  private EffectiveChecks() {}

  /** A definition, and what probing makes of it. */
  record Effective(io.openneg.backend.v1.HealthCheck definition, HealthCheck check) {

    EffectiveHealthCheck message() {
      java.time.Duration interval = check.interval();
      return EffectiveHealthCheck.newBuilder()
          .setHealthCheck(definition)
          .setDetectionTime(longest(interval, check.thresholds().unhealthy()))
          .setRecoveryTime(longest(interval, check.thresholds().healthy()))
          .build();
    }

    /**
     * It changes just after a probe of the old kind: a whole interval until the first that sees it.
     */
    private Duration longest(java.time.Duration interval, int probes) {
      java.time.Duration longest = interval.multipliedBy(probes).plus(check.timeout());
      return Duration.newBuilder()
          .setSeconds(longest.toSeconds())
          .setNanos(longest.toNanosPart())
          .build();
    }
  }

  /** Those of these names that exist, in order of their names. */
  static Map<String, Effective> named(Handle handle, Collection<String> names) {
    Map<String, Effective> checks = new TreeMap<>();
    if (names.isEmpty()) {
      return checks;
    }
    handle
        .createQuery("SELECT name, definition FROM health_check WHERE name = ANY (:names)")
        .bindArray("names", String.class, names)
        .map(
            (row, _) ->
                checks.put(
                    row.getString("name"),
                    effective(row.getString("name"), row.getBytes("definition"))))
        .list();
    return checks;
  }

  private static Effective effective(String name, byte[] definition) {
    try {
      var parsed = io.openneg.backend.v1.HealthCheck.parseFrom(definition);
      return new Effective(parsed, HealthCheckCodec.decode(parsed));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the definition of " + name + " cannot be read", e);
    }
  }
}
