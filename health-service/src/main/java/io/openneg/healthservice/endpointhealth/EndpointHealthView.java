package io.openneg.healthservice.endpointhealth;

import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.SqlArrays;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.HealthChanged;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.ProbingStopped;
import io.openneg.healthservice.target.Target;
import java.sql.Types;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The verdict on every target that has one: this service's own log, folded. Thread-safe. */
public final class EndpointHealthView implements Projection {
  private final EndpointHealthCodec codec = new EndpointHealthCodec();

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    // The last word on each target; a mass flip is one statement.
    Map<Target, EndpointHealthEvent> last = new LinkedHashMap<>();
    for (RecordedEvent recorded : events) {
      EndpointHealthEvent event = codec.decode(recorded.payload());
      last.put(event.target(), event);
    }
    List<HealthChanged> changed = new ArrayList<>();
    List<Target> stopped = new ArrayList<>();
    for (EndpointHealthEvent event : last.values()) {
      switch (event) {
        case HealthChanged change -> changed.add(change);
        case ProbingStopped stop -> stopped.add(stop.target());
      }
    }
    upsert(tx, changed);
    delete(tx, stopped);
  }

  private static void upsert(Handle tx, List<HealthChanged> changes) {
    if (changes.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            INSERT INTO endpoint_health
              (health_check, ip, port, state, reason, probe_text, observed_at)
            SELECT c.health_check, c.ip::inet, c.port, c.state, c.reason, c.probe_text, c.observed_at
            FROM unnest(:checks, :ips, :ports, :states, :reasons, :texts, :times)
              AS c (health_check, ip, port, state, reason, probe_text, observed_at)
            ON CONFLICT (health_check, ip, port) DO UPDATE SET
              state = excluded.state, reason = excluded.reason, probe_text = excluded.probe_text,
              observed_at = excluded.observed_at
            """)
        .bindBySqlType(
            "checks", SqlArrays.of(tx, "text", changes, c -> c.target().healthCheck()), Types.ARRAY)
        .bindBySqlType("ips", SqlArrays.of(tx, "text", changes, c -> c.target().ip()), Types.ARRAY)
        .bindBySqlType(
            "ports", SqlArrays.of(tx, "int4", changes, c -> c.target().port()), Types.ARRAY)
        .bindBySqlType(
            "states", SqlArrays.of(tx, "text", changes, c -> c.newState().name()), Types.ARRAY)
        .bindBySqlType(
            "reasons", SqlArrays.of(tx, "text", changes, c -> c.reason().name()), Types.ARRAY)
        .bindBySqlType(
            "texts", SqlArrays.of(tx, "text", changes, HealthChanged::probeText), Types.ARRAY)
        .bindBySqlType(
            "times",
            SqlArrays.of(tx, "timestamptz", changes, c -> c.observedAt().atOffset(ZoneOffset.UTC)),
            Types.ARRAY)
        .execute();
  }

  private static void delete(Handle tx, List<Target> targets) {
    if (targets.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            DELETE FROM endpoint_health h
            USING unnest(:checks, :ips, :ports) AS d (health_check, ip, port)
            WHERE h.health_check = d.health_check AND h.ip = d.ip::inet AND h.port = d.port
            """)
        .bindBySqlType(
            "checks", SqlArrays.of(tx, "text", targets, Target::healthCheck), Types.ARRAY)
        .bindBySqlType("ips", SqlArrays.of(tx, "text", targets, Target::ip), Types.ARRAY)
        .bindBySqlType("ports", SqlArrays.of(tx, "int4", targets, Target::port), Types.ARRAY)
        .execute();
  }

  @Override
  public void clear(Handle tx) {
    tx.execute("TRUNCATE endpoint_health");
  }

  /** Every target that has a verdict. */
  public Map<Target, HealthState> verdicts(Handle handle) {
    Map<Target, HealthState> verdicts = new LinkedHashMap<>();
    handle
        .createQuery("SELECT health_check, host(ip) AS ip, port, state FROM endpoint_health")
        .map(
            (row, _) ->
                verdicts.put(
                    new Target(
                        row.getString("health_check"), row.getString("ip"), row.getInt("port")),
                    HealthState.valueOf(row.getString("state"))))
        .list();
    return verdicts;
  }
}
