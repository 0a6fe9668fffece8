package io.openneg.healthservice.target;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.eventlog.SqlArrays;
import java.sql.Types;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/**
 * Who is to be probed, and with what. Follows the marks of what changed with a cursor of its own,
 * so every replica can. Not thread-safe.
 */
public final class Targets {
  /** Who follows no mark for as long must look at everything again. */
  private static final Duration KEPT = Duration.ofMinutes(10);

  private static final String WANTED =
      """
      SELECT DISTINCT e.health_check, host(e.ip) AS ip, e.port, e.neg, e.attached_version
      FROM backend_endpoint e
      JOIN health_check h ON h.name = e.health_check
      """;

  private final Jdbi jdbi;
  private long followed;

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
          // READ COMMITTED: what is read below is at least what the marks so far stand for.
          followed =
              tx.createQuery(
                      """
                      SELECT greatest(
                        (SELECT max(id) FROM changed_endpoint),
                        (SELECT id FROM changed_endpoint_floor))
                      """)
                  .mapTo(Long.class)
                  .one();
          Map<Target, Memberships> wanted = wanted(tx.createQuery(WANTED));
          Set<Endpoint> scope =
              wanted.keySet().stream()
                  .map(target -> new Endpoint(target.ip(), target.port()))
                  .collect(Collectors.toSet());
          return new Look(scope, wanted, checks(tx));
        });
  }

  /**
   * Looks at the endpoints that may have changed since the last look; empty when marks that were
   * not followed are gone, so that only {@link #all} helps.
   */
  public Optional<Look> changed() {
    return jdbi.inTransaction(
        tx -> {
          Set<Endpoint> scope = new HashSet<>();
          long last = takeMarks(tx, scope);
          // After the marks: none that was to be read can have gone before.
          if (floor(tx) > followed) {
            return Optional.empty();
          }
          Map<Target, Memberships> wanted = scope.isEmpty() ? Map.of() : wanted(tx, scope);
          Look look = new Look(scope, wanted, checks(tx));
          followed = last;
          return Optional.of(look);
        });
  }

  private long takeMarks(Handle tx, Set<Endpoint> scope) {
    return tx.createQuery(
            """
            SELECT id, host(ip) AS ip, port FROM changed_endpoint WHERE id > :followed ORDER BY id
            """)
        .bind("followed", followed)
        .map(
            (row, _) -> {
              scope.add(new Endpoint(row.getString("ip"), row.getInt("port")));
              return row.getLong("id");
            })
        .collect(Collectors.reducing(followed, Math::max));
  }

  private static long floor(Handle tx) {
    return tx.createQuery("SELECT id FROM changed_endpoint_floor").mapTo(Long.class).one();
  }

  /** Forgets marks that everybody has had time to follow. Any replica may, any number of times. */
  public void forgetOldMarks() {
    jdbi.useTransaction(
        tx ->
            tx.createUpdate(
                    """
                    WITH gone AS (
                      DELETE FROM changed_endpoint WHERE marked_at < now() - make_interval(secs => :kept) RETURNING id)
                    UPDATE changed_endpoint_floor
                    SET id = greatest(id, (SELECT max(id) FROM gone))
                    WHERE EXISTS (SELECT 1 FROM gone)
                    """)
                .bind("kept", KEPT.toSeconds())
                .execute());
  }

  private static Map<Target, Memberships> wanted(Handle tx, Set<Endpoint> scope) {
    return wanted(
        tx.createQuery(
                WANTED
                    + """
                    JOIN unnest(:ips, :ports) AS c (ip, port)
                      ON e.ip = c.ip::inet AND e.port = c.port
                    """)
            .bindBySqlType("ips", SqlArrays.of(tx, "text", scope, Endpoint::ip), Types.ARRAY)
            .bindBySqlType("ports", SqlArrays.of(tx, "int4", scope, Endpoint::port), Types.ARRAY));
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
