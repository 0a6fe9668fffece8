package io.openneg.healthservice.endpointhealth;

import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.GetHealthResponse;
import io.openneg.health.v1.HealthGrpc;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** The health of a backend service's endpoints, from the tables; any replica can answer. */
@GrpcService
public class HealthGrpcService extends HealthGrpc.HealthImplBase {
  private final Jdbi jdbi;

  @Inject
  HealthGrpcService(EventLogRuntime runtime) {
    this.jdbi = runtime.jdbi();
  }

  @Override
  public void getHealth(GetHealthRequest request, StreamObserver<GetHealthResponse> reply) {
    Replies.answer(reply, () -> health(request));
  }

  private GetHealthResponse health(GetHealthRequest request) {
    String service =
        ResourceName.parse(
                "backend_service", request.getBackendService(), Scope.GLOBAL, "backendServices")
            .toString();
    String group =
        request.getGroup().isEmpty()
            ? ""
            : ResourceName.parse("group", request.getGroup(), Scope.ZONE, "networkEndpointGroups")
                .toString();
    // One snapshot, so that the answer is the health of one membership.
    return jdbi.inTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        tx -> {
          Optional<String> check = healthCheck(tx, service);
          if (!group.isEmpty() && !isBackend(tx, service, group)) {
            throw notABackend(service, group);
          }
          return GetHealthResponse.newBuilder()
              .addAllEndpointHealth(endpoints(tx, service, group, check))
              .build();
        });
  }

  /** The service's check; empty: it has none. */
  private static Optional<String> healthCheck(Handle tx, String service) {
    return tx.createQuery("SELECT health_check FROM backend_service WHERE name = :service")
        .bind("service", service)
        .map((row, _) -> Optional.ofNullable(row.getString("health_check")))
        .findOne()
        .orElseThrow(
            () ->
                new RejectedException(
                    new Rejection(
                        Kind.NOT_FOUND,
                        "NOT_FOUND",
                        "The backend service '%s' is not known to health-service."
                            .formatted(service))));
  }

  private static boolean isBackend(Handle tx, String service, String group) {
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

  private static RejectedException notABackend(String service, String group) {
    String rule = "must be a backend of " + service;
    return new RejectedException(
        new Rejection(
            Kind.INVALID_ARGUMENT,
            "INVALID_ARGUMENT",
            "Invalid value for field 'group': '%s'. It %s.".formatted(group, rule),
            List.of(new Violation("group", rule))));
  }

  private static List<EndpointHealth> endpoints(
      Handle tx, String service, String group, Optional<String> check) {
    return tx.createQuery(
            """
            SELECT e.neg, e.instance, host(e.ip) AS ip, e.port,
              h.state, h.reason, h.probe_text, h.observed_at
            FROM backend b
            JOIN endpoint e ON e.neg = b.neg
            LEFT JOIN endpoint_health h
              ON h.health_check = :check AND h.ip = e.ip AND h.port = e.port
            WHERE b.backend_service = :service AND (:group = '' OR b.neg = :group)
            ORDER BY e.neg COLLATE "C", e.ip, e.port
            """)
        .bind("check", check.orElse(""))
        .bind("service", service)
        .bind("group", group)
        .map((row, _) -> endpoint(row, check))
        .list();
  }

  private static EndpointHealth endpoint(ResultSet row, Optional<String> check)
      throws SQLException {
    EndpointHealth.Builder health =
        EndpointHealth.newBuilder()
            .setNetworkEndpointGroup(row.getString("neg"))
            .setInstance(row.getString("instance"))
            .setIpAddress(row.getString("ip"))
            .setPort(row.getInt("port"));
    if (check.isEmpty()) {
      return health.setState(io.openneg.health.v1.HealthState.NOT_CHECKED).build();
    }
    health.setHealthCheck(check.get());
    String state = row.getString("state");
    if (state == null) {
      return health.setState(io.openneg.health.v1.HealthState.UNKNOWN).build();
    }
    var observedAt = row.getObject("observed_at", java.time.OffsetDateTime.class);
    return health
        .setState(EndpointHealthCodec.encode(HealthState.valueOf(state)))
        .setReason(EndpointHealthCodec.encode(ProbeReason.valueOf(row.getString("reason"))))
        .setProbeText(row.getString("probe_text"))
        .setObservedAt(EndpointHealthCodec.encode(observedAt.toInstant()))
        .build();
  }
}
