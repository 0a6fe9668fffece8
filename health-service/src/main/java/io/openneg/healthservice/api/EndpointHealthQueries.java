package io.openneg.healthservice.api;

import io.openneg.eventlog.SqlArrays;
import io.openneg.health.v1.EndpointAddress;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.healthservice.endpointhealth.EndpointHealthCodec;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** Reads the health of endpoints: membership and verdicts, joined. Stateless. */
final class EndpointHealthQueries {
  private EndpointHealthQueries() {}

  /**
   * The check of a backend service, which may be none.
   *
   * @return empty when the service is not known
   */
  static Optional<Optional<String>> healthCheck(Handle tx, String service) {
    return tx.createQuery("SELECT health_check FROM backend_service WHERE name = :service")
        .bind("service", service)
        .map((row, _) -> Optional.ofNullable(row.getString("health_check")))
        .findOne();
  }

  static boolean isBackend(Handle tx, String service, String group) {
    return tx.createQuery(
            """
            SELECT EXISTS (
              SELECT 1 FROM backend WHERE backend_service = :service AND neg = :group)
            """)
        .bind("service", service)
        .bind("group", group)
        .mapTo(Boolean.class)
        .one();
  }

  /**
   * A page of a service's endpoints, with those that drain, in order of (group, address, port).
   *
   * @param group empty: all
   */
  static List<EndpointHealth> ofService(
      Handle tx, String service, String group, ServiceCursor after, int limit) {
    return DrainingQueries.merged(
        attachedOfService(tx, service, group, after, limit),
        DrainingQueries.ofService(tx, service, group, after, limit),
        ServiceCursor.ORDER,
        limit);
  }

  private static List<EndpointHealth> attachedOfService(
      Handle tx, String service, String group, ServiceCursor after, int limit) {
    return tx.createQuery(
            """
            SELECT e.backend_service, e.health_check, e.neg, e.instance, host(e.ip) AS ip, e.port,
              h.state, h.reason, h.probe_text, h.observed_at
            FROM backend_endpoint e
            LEFT JOIN endpoint_health h
              ON h.health_check = e.health_check AND h.ip = e.ip AND h.port = e.port
            WHERE e.backend_service = :service AND (:group = '' OR e.neg = :group)
              AND (e.neg COLLATE "C", e.ip, e.port) > (:neg COLLATE "C", :ip::inet, :port)
            ORDER BY e.neg COLLATE "C", e.ip, e.port
            LIMIT :limit
            """)
        .bind("service", service)
        .bind("group", group)
        .bind("neg", after.neg())
        .bind("ip", after.ip())
        .bind("port", after.port())
        .bind("limit", limit)
        .map((row, _) -> endpoint(row))
        .list();
  }

  /**
   * A page of a group's endpoints, in order of (address, port, service), with those that drain
   * unless some are asked for.
   *
   * @param only empty: all
   */
  static List<EndpointHealth> ofGroup(
      Handle tx, String group, List<EndpointAddress> only, GroupCursor after, int limit) {
    List<EndpointHealth> attached = attachedOfGroup(tx, group, only, after, limit);
    return only.isEmpty()
        ? DrainingQueries.merged(
            attached, DrainingQueries.ofGroup(tx, group, after, limit), GroupCursor.ORDER, limit)
        : attached;
  }

  private static List<EndpointHealth> attachedOfGroup(
      Handle tx, String group, List<EndpointAddress> only, GroupCursor after, int limit) {
    return tx.createQuery(
            """
            SELECT e.backend_service, e.health_check, e.neg, e.instance, host(e.ip) AS ip, e.port,
              h.state, h.reason, h.probe_text, h.observed_at
            FROM backend_endpoint e
            LEFT JOIN endpoint_health h
              ON h.health_check = e.health_check AND h.ip = e.ip AND h.port = e.port
            WHERE e.neg = :group
              AND (e.ip, e.port, e.backend_service COLLATE "C")
                > (:ip::inet, :port, :service COLLATE "C")
              AND (:all OR EXISTS (
                SELECT 1 FROM unnest(:ips, :ports) AS o (ip, port)
                WHERE o.ip::inet = e.ip AND o.port = e.port))
            ORDER BY e.ip, e.port, e.backend_service COLLATE "C"
            LIMIT :limit
            """)
        .bind("group", group)
        .bind("all", only.isEmpty())
        .bindBySqlType(
            "ips", SqlArrays.of(tx, "text", only, EndpointAddress::getIpAddress), Types.ARRAY)
        .bindBySqlType(
            "ports", SqlArrays.of(tx, "int4", only, EndpointAddress::getPort), Types.ARRAY)
        .bind("ip", after.ip())
        .bind("port", after.port())
        .bind("service", after.service())
        .bind("limit", limit)
        .map((row, _) -> endpoint(row))
        .list();
  }

  private static EndpointHealth endpoint(ResultSet row) throws SQLException {
    EndpointHealth.Builder health =
        EndpointHealth.newBuilder()
            .setNetworkEndpointGroup(row.getString("neg"))
            .setInstance(row.getString("instance"))
            .setIpAddress(row.getString("ip"))
            .setPort(row.getInt("port"))
            .setBackendService(row.getString("backend_service"));
    String check = row.getString("health_check");
    if (check == null) {
      return health.setState(io.openneg.health.v1.HealthState.NOT_CHECKED).build();
    }
    health.setHealthCheck(check);
    String state = row.getString("state");
    if (state == null) {
      return health.setState(io.openneg.health.v1.HealthState.UNKNOWN).build();
    }
    OffsetDateTime observedAt = row.getObject("observed_at", OffsetDateTime.class);
    return health
        .setState(EndpointHealthCodec.encode(HealthState.valueOf(state)))
        .setReason(EndpointHealthCodec.encode(ProbeReason.valueOf(row.getString("reason"))))
        .setProbeText(row.getString("probe_text"))
        .setObservedAt(EndpointHealthCodec.encode(observedAt.toInstant()))
        .build();
  }

  /** The endpoints with the ports that their checks probe. */
  static List<EndpointHealth> withProbedPorts(
      List<EndpointHealth> endpoints, Map<String, EffectiveChecks.Effective> checks) {
    return endpoints.stream()
        .map(
            endpoint -> {
              EffectiveChecks.Effective effective = checks.get(endpoint.getHealthCheck());
              return effective == null
                  ? endpoint
                  : endpoint.toBuilder()
                      .setProbedPort(effective.check().port(endpoint.getPort()))
                      .build();
            })
        .toList();
  }

  /** What to do about each reason that occurs, by its name. */
  static Map<String, String> help(List<EndpointHealth> endpoints) {
    Map<String, String> help = new TreeMap<>();
    for (EndpointHealth endpoint : endpoints) {
      if (endpoint.getState() == io.openneg.health.v1.HealthState.UNHEALTHY) {
        String reason = endpoint.getReason().name();
        help.computeIfAbsent(reason, name -> ProbeReason.valueOf(name).help());
      }
    }
    return help;
  }
}
