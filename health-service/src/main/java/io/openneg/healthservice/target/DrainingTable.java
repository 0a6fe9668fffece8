package io.openneg.healthservice.target;

import io.openneg.eventlog.SqlArrays;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Endpoints that went, for as long as their backend service lets them finish what they have: from
 * the time of the event, so that a restart changes nothing. An endpoint that comes and goes within
 * one batch of events never served, and does not drain.
 */
final class DrainingTable {
  private DrainingTable() {}

  /**
   * Before the endpoints are deleted: they drain in every backend service that uses their group.
   */
  static void detached(Handle tx, Map<EndpointTable.Key, Instant> at) {
    List<Map.Entry<EndpointTable.Key, Instant>> entries = List.copyOf(at.entrySet());
    if (entries.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            INSERT INTO draining_endpoint (backend_service, neg, ip, port, instance, until)
            SELECT e.backend_service, e.neg, e.ip, e.port, e.instance,
              d.at::timestamptz + e.draining_sec * interval '1 second'
            FROM unnest(:negs, :ips, :ports, :times) AS d (neg, ip, port, at)
            JOIN backend_endpoint e ON e.neg = d.neg AND e.ip = d.ip::inet AND e.port = d.port
            WHERE e.draining_sec > 0
            ON CONFLICT (backend_service, neg, ip, port)
              DO UPDATE SET instance = excluded.instance, until = excluded.until
            """)
        .bindBySqlType(
            "negs", SqlArrays.of(tx, "text", entries, e -> e.getKey().neg()), Types.ARRAY)
        .bindBySqlType("ips", SqlArrays.of(tx, "text", entries, e -> e.getKey().ip()), Types.ARRAY)
        .bindBySqlType(
            "ports", SqlArrays.of(tx, "int4", entries, e -> e.getKey().port()), Types.ARRAY)
        .bindBySqlType(
            "times", SqlArrays.of(tx, "text", entries, e -> e.getValue().toString()), Types.ARRAY)
        .execute();
  }

  static void attached(Handle tx, List<EndpointTable.Key> keys) {
    if (keys.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            DELETE FROM draining_endpoint d
            USING unnest(:negs, :ips, :ports) AS a (neg, ip, port)
            WHERE d.neg = a.neg AND d.ip = a.ip::inet AND d.port = a.port
            """)
        .bindBySqlType("negs", SqlArrays.of(tx, "text", keys, EndpointTable.Key::neg), Types.ARRAY)
        .bindBySqlType("ips", SqlArrays.of(tx, "text", keys, EndpointTable.Key::ip), Types.ARRAY)
        .bindBySqlType(
            "ports", SqlArrays.of(tx, "int4", keys, EndpointTable.Key::port), Types.ARRAY)
        .execute();
  }

  /** Before the backend is deleted: all endpoints of the group drain in the one service. */
  static void removed(Handle tx, String service, String neg, Instant at) {
    tx.createUpdate(
            """
            INSERT INTO draining_endpoint (backend_service, neg, ip, port, instance, until)
            SELECT e.backend_service, e.neg, e.ip, e.port, e.instance,
              :at + e.draining_sec * interval '1 second'
            FROM backend_endpoint e
            WHERE e.backend_service = :service AND e.draining_sec > 0 AND e.neg = :neg
            ON CONFLICT (backend_service, neg, ip, port)
              DO UPDATE SET instance = excluded.instance, until = excluded.until
            """)
        .bind("service", service)
        .bind("neg", neg)
        .bind("at", at.atOffset(ZoneOffset.UTC))
        .execute();
  }

  static void added(Handle tx, String service, String neg) {
    tx.createUpdate("DELETE FROM draining_endpoint WHERE backend_service = :service AND neg = :neg")
        .bind("service", service)
        .bind("neg", neg)
        .execute();
  }

  static void serviceDeleted(Handle tx, String service) {
    tx.createUpdate("DELETE FROM draining_endpoint WHERE backend_service = :service")
        .bind("service", service)
        .execute();
  }

  /** What is over is asked for by nobody. */
  static void forgetOver(Handle tx) {
    tx.execute("DELETE FROM draining_endpoint WHERE until < now()");
  }
}
