package io.openneg.healthservice.target;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendService;
import io.openneg.eventlog.RecordedEvent;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Health checks, and which groups each backend service checks with which, from backend.events.v1.
 */
final class BackendTable {

  void apply(Handle tx, List<RecordedEvent> events) {
    for (RecordedEvent recorded : events) {
      apply(tx, recorded.stream(), recorded.occurredAt(), parse(recorded));
    }
  }

  private static BackendEvent parse(RecordedEvent recorded) {
    try {
      return BackendEvent.parseFrom(recorded.payload());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(recorded.id() + " is not a BackendEvent", e);
    }
  }

  private static void apply(Handle tx, String name, Instant at, BackendEvent event) {
    switch (event.getEventCase()) {
      case HEALTH_CHECK_CREATED -> {
        saveCheck(tx, name, event.getHealthCheckCreated().getHealthCheck());
        markUsersOfCheck(tx, name);
      }
      // Its users stay the same; the prober reads the definitions at every look.
      case HEALTH_CHECK_UPDATED ->
          saveCheck(tx, name, event.getHealthCheckUpdated().getHealthCheck());
      case HEALTH_CHECK_DELETED -> {
        markUsersOfCheck(tx, name);
        tx.createUpdate("DELETE FROM health_check WHERE name = :name").bind("name", name).execute();
      }
      case BACKEND_SERVICE_CREATED ->
          saveService(tx, name, event.getBackendServiceCreated().getBackendService());
      case BACKEND_SERVICE_UPDATED -> {
        saveService(tx, name, event.getBackendServiceUpdated().getBackendService());
        markEndpointsOf(tx, name);
      }
      case BACKEND_ADDED -> {
        String neg = event.getBackendAdded().getBackend().getGroup();
        tx.createUpdate(
                """
                INSERT INTO backend (backend_service, neg) VALUES (:name, :neg)
                ON CONFLICT DO NOTHING
                """)
            .bind("name", name)
            .bind("neg", neg)
            .execute();
        DrainingTable.added(tx, name, neg);
        markEndpoints(tx, neg);
      }
      case BACKEND_REMOVED -> {
        String neg = event.getBackendRemoved().getGroup();
        DrainingTable.removed(tx, name, neg, at);
        tx.createUpdate("DELETE FROM backend WHERE backend_service = :name AND neg = :neg")
            .bind("name", name)
            .bind("neg", neg)
            .execute();
        markEndpoints(tx, neg);
      }
      case BACKEND_SERVICE_DELETED -> {
        DrainingTable.serviceDeleted(tx, name);
        deleteService(tx, name);
      }
      // EVENT_NOT_SET: a kind of event younger than this code; none of those can concern it yet.
      case BACKEND_UPDATED,
          URL_MAP_CREATED,
          URL_MAP_UPDATED,
          URL_MAP_DELETED,
          SSL_CERTIFICATE_CREATED,
          SSL_CERTIFICATE_DELETED,
          ADDRESS_CREATED,
          ADDRESS_DELETED,
          TARGET_HTTP_PROXY_CREATED,
          TARGET_HTTP_PROXY_UPDATED,
          TARGET_HTTPS_PROXY_CREATED,
          TARGET_HTTPS_PROXY_UPDATED,
          TARGET_HTTPS_PROXY_DELETED,
          TARGET_TCP_PROXY_CREATED,
          TARGET_TCP_PROXY_UPDATED,
          TARGET_TCP_PROXY_DELETED,
          TARGET_SSL_PROXY_CREATED,
          TARGET_SSL_PROXY_UPDATED,
          TARGET_SSL_PROXY_DELETED,
          URL_MAP_SET,
          TARGET_HTTP_PROXY_DELETED,
          FORWARDING_RULE_CREATED,
          TARGET_SET,
          FORWARDING_RULE_DELETED,
          EVENT_NOT_SET -> {}
    }
  }

  private static void saveCheck(
      Handle tx, String name, io.openneg.backend.v1.HealthCheck definition) {
    // Refuses here what could not be probed with, so that it is parked with its reason.
    HealthCheck check = HealthCheckCodec.decode(definition);
    if (!check.name().equals(name)) {
      throw new IllegalArgumentException(
          "stream %s holds health check %s".formatted(name, check.name()));
    }
    tx.createUpdate(
            """
            INSERT INTO health_check (name, definition) VALUES (:name, :definition)
            ON CONFLICT (name) DO UPDATE SET definition = excluded.definition
            """)
        .bind("name", name)
        .bind("definition", definition.toByteArray())
        .execute();
  }

  private static void saveService(Handle tx, String name, BackendService service) {
    @Nullable String check =
        service.getHealthChecksCount() == 0 ? null : service.getHealthChecks(0);
    tx.createUpdate(
            """
            INSERT INTO backend_service (name, health_check, draining_sec, port_name)
            VALUES (:name, :check, :draining, :portName)
            ON CONFLICT (name) DO UPDATE
              SET health_check = excluded.health_check, draining_sec = excluded.draining_sec,
                port_name = excluded.port_name
            """)
        .bind("name", name)
        .bind("check", check)
        .bind("draining", service.getConnectionDraining().getDrainingTimeoutSec())
        .bind("portName", service.getPortName())
        .execute();
  }

  private static void deleteService(Handle tx, String name) {
    tx.createUpdate(
            """
            WITH gone AS (DELETE FROM backend WHERE backend_service = :name RETURNING neg)
            INSERT INTO changed_endpoint (ip, port)
            SELECT DISTINCT e.ip, e.port FROM endpoint e JOIN gone ON gone.neg = e.neg
            """)
        .bind("name", name)
        .execute();
    tx.createUpdate("DELETE FROM backend_service WHERE name = :name").bind("name", name).execute();
  }

  private static void markEndpoints(Handle tx, String neg) {
    tx.createUpdate(
            """
            INSERT INTO changed_endpoint (ip, port)
            SELECT ip, port FROM endpoint WHERE neg = :neg
            """)
        .bind("neg", neg)
        .execute();
  }

  private static void markEndpointsOf(Handle tx, String service) {
    tx.createUpdate(
            """
            INSERT INTO changed_endpoint (ip, port)
            SELECT DISTINCT e.ip, e.port
            FROM backend b JOIN endpoint e ON e.neg = b.neg
            WHERE b.backend_service = :name
            """)
        .bind("name", service)
        .execute();
  }

  private static void markUsersOfCheck(Handle tx, String check) {
    tx.createUpdate(
            """
            INSERT INTO changed_endpoint (ip, port)
            SELECT DISTINCT e.ip, e.port
            FROM backend_service s
            JOIN backend b ON b.backend_service = s.name
            JOIN endpoint e ON e.neg = b.neg
            WHERE s.health_check = :check
            """)
        .bind("check", check)
        .execute();
  }
}
