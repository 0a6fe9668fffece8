package io.openneg.healthservice.api;

import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.HealthState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/** Reads the endpoints that went and may still finish what they have. Stateless. */
final class DrainingQueries {
  private static final String COLUMNS =
      """
      SELECT d.backend_service, s.health_check, d.neg, d.instance, host(d.ip) AS ip, d.port
      FROM draining_endpoint d JOIN backend_service s ON s.name = d.backend_service
      """;

  private DrainingQueries() {}

  /** As {@link EndpointHealthQueries#ofService}. */
  static List<EndpointHealth> ofService(
      Handle tx, String service, String group, ServiceCursor after, int limit) {
    return tx.createQuery(
            COLUMNS
                + """
                WHERE d.backend_service = :service AND (:group = '' OR d.neg = :group)
                  AND d.until > now()
                  AND (d.neg COLLATE "C", d.ip, d.port) > (:neg COLLATE "C", :ip::inet, :port)
                ORDER BY d.neg COLLATE "C", d.ip, d.port
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

  /** As {@link EndpointHealthQueries#ofGroup}. */
  static List<EndpointHealth> ofGroup(Handle tx, String group, GroupCursor after, int limit) {
    return tx.createQuery(
            COLUMNS
                + """
                WHERE d.neg = :group AND d.until > now()
                  AND (d.ip, d.port, s.name COLLATE "C") > (:ip::inet, :port, :service COLLATE "C")
                ORDER BY d.ip, d.port, s.name COLLATE "C"
                LIMIT :limit
                """)
        .bind("group", group)
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
            .setBackendService(row.getString("backend_service"))
            .setState(HealthState.DRAINING);
    String check = row.getString("health_check");
    return check == null ? health.build() : health.setHealthCheck(check).build();
  }

  /** One page of two that are each in order. */
  static List<EndpointHealth> merged(
      List<EndpointHealth> attached,
      List<EndpointHealth> draining,
      Comparator<EndpointHealth> order,
      int limit) {
    return draining.isEmpty()
        ? attached
        : Stream.concat(attached.stream(), draining.stream()).sorted(order).limit(limit).toList();
  }
}
