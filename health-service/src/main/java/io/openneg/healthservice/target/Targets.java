package io.openneg.healthservice.target;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.eventlog.SqlArrays;
import java.sql.Types;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/** Who is to be probed, and with what. Thread-safe; one reader at a time. */
public final class Targets {
  private static final String WANTED =
      """
      SELECT DISTINCT s.health_check, host(e.ip) AS ip, e.port, e.neg, e.attached_version
      FROM backend_service s
      JOIN health_check h ON h.name = s.health_check
      JOIN backend b ON b.backend_service = s.name
      JOIN endpoint e ON e.neg = b.neg
      """;

  private final Jdbi jdbi;

  public Targets(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** An endpoint, whatever group it is in. */
  public record Endpoint(String ip, int port) {}

  /**
   * The groups that make an endpoint a target, each with its version at the time the endpoint was
   * attached.
   */
  public record Memberships(Map<String, Long> attachedVersions) {
    public Memberships {
      attachedVersions = Map.copyOf(attachedVersions);
    }

    /**
     * Whether the endpoint left and came back between two looks: then it may be another machine
     * behind the old address, and a verdict on the old one says nothing about it. No membership of
     * before has lasted, and one was renewed; a move from one group to another is not that.
     */
    public boolean renewedSince(Memberships before) {
      boolean renewed = false;
      for (var membership : attachedVersions.entrySet()) {
        Long version = before.attachedVersions.get(membership.getKey());
        if (version != null && version.equals(membership.getValue())) {
          return false;
        }
        renewed |= version != null;
      }
      return renewed;
    }
  }

  /**
   * What the tables say of some endpoints.
   *
   * @param scope the endpoints in question; what {@code wanted} does not have of them is not wanted
   * @param wanted targets with their memberships
   * @param checks every health check there is, by name
   */
  public record Look(
      Set<Endpoint> scope, Map<Target, Memberships> wanted, Map<String, HealthCheck> checks) {}

  /** Looks at everything; {@code scope} is every endpoint that is wanted. */
  public Look all() {
    return jdbi.inTransaction(
        tx -> {
          tx.execute("DELETE FROM changed_endpoint");
          Map<Target, Memberships> wanted = wanted(tx.createQuery(WANTED));
          Set<Endpoint> scope =
              wanted.keySet().stream()
                  .map(target -> new Endpoint(target.ip(), target.port()))
                  .collect(Collectors.toSet());
          return new Look(scope, wanted, checks(tx));
        });
  }

  /** Looks at the endpoints that may have changed since the last look. */
  public Look changed() {
    return jdbi.inTransaction(
        tx -> {
          // READ COMMITTED: the query below sees at least what the marks taken here stand for.
          Set<Endpoint> scope =
              tx.createQuery("DELETE FROM changed_endpoint RETURNING host(ip) AS ip, port")
                  .map((row, _) -> new Endpoint(row.getString("ip"), row.getInt("port")))
                  .collect(Collectors.toSet());
          Map<Target, Memberships> wanted =
              scope.isEmpty()
                  ? Map.of()
                  : wanted(
                      tx.createQuery(
                              WANTED
                                  + """
                                  JOIN unnest(:ips, :ports) AS c (ip, port)
                                    ON e.ip = c.ip::inet AND e.port = c.port
                                  """)
                          .bindBySqlType(
                              "ips", SqlArrays.of(tx, "text", scope, Endpoint::ip), Types.ARRAY)
                          .bindBySqlType(
                              "ports",
                              SqlArrays.of(tx, "int4", scope, Endpoint::port),
                              Types.ARRAY));
          return new Look(scope, wanted, checks(tx));
        });
  }

  private static Map<Target, Memberships> wanted(Query query) {
    Map<Target, Map<String, Long>> wanted = new LinkedHashMap<>();
    query
        .map(
            (row, _) ->
                wanted
                    .computeIfAbsent(
                        new Target(
                            row.getString("health_check"), row.getString("ip"), row.getInt("port")),
                        _ -> new HashMap<>())
                    .put(row.getString("neg"), row.getLong("attached_version")))
        .list();
    Map<Target, Memberships> memberships = new LinkedHashMap<>();
    wanted.forEach((target, versions) -> memberships.put(target, new Memberships(versions)));
    return memberships;
  }

  private static Map<String, HealthCheck> checks(Handle tx) {
    return tx.createQuery("SELECT name, definition FROM health_check")
        .map(
            (row, _) -> {
              try {
                return HealthCheckCodec.decode(
                    io.openneg.backend.v1.HealthCheck.parseFrom(row.getBytes("definition")));
              } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(
                    "the definition of " + row.getString("name") + " cannot be read", e);
              }
            })
        .collect(Collectors.toMap(HealthCheck::name, check -> check));
  }
}
