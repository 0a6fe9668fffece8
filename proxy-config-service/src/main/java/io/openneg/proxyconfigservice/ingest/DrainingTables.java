package io.openneg.proxyconfigservice.ingest;

import io.openneg.eventlog.SqlArrays;
import io.openneg.proxyconfigservice.ingest.Draining.Detached;
import io.openneg.proxyconfigservice.ingest.Draining.Use;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What {@link Draining} remembers between batches. Everything in the caller's transaction. */
final class DrainingTables {
  private DrainingTables() {}

  static Draining load(Handle tx, Set<String> groups, Instant now) {
    Map<Use, Duration> uses = new HashMap<>();
    Map<Detached, Instant> detached = new HashMap<>();
    if (!groups.isEmpty()) {
      tx.createQuery(
              """
              SELECT neg, backend_service, draining_timeout_sec
              FROM unnest(:groups) AS g (neg) JOIN backend_use USING (neg)
              """)
          .bindBySqlType("groups", SqlArrays.of(tx, "text", groups), Types.ARRAY)
          .map(
              (row, _) ->
                  uses.put(
                      new Use(row.getString("neg"), row.getString("backend_service")),
                      Duration.ofSeconds(row.getInt("draining_timeout_sec"))))
          .list();
      tx.createQuery(
              """
              SELECT neg, address, detached_at
              FROM unnest(:groups) AS g (neg) JOIN detached_endpoint USING (neg)
              """)
          .bindBySqlType("groups", SqlArrays.of(tx, "text", groups), Types.ARRAY)
          .map(
              (row, _) ->
                  detached.put(
                      new Detached(
                          row.getString("neg"), EndpointAddress.parse(row.getString("address"))),
                      row.getObject("detached_at", OffsetDateTime.class).toInstant()))
          .list();
    }
    return new Draining(uses, detached, now);
  }

  static void save(Handle tx, Draining draining) {
    List<Map.Entry<Use, @Nullable Duration>> uses = draining.changedUses();
    List<Map.Entry<Use, @Nullable Duration>> used = present(uses);
    List<Map.Entry<Detached, @Nullable Instant>> detached = draining.changedDetached();
    List<Map.Entry<Detached, @Nullable Instant>> left = present(detached);
    if (!uses.isEmpty()) {
      deleteUses(tx, uses);
      insertUses(tx, used);
    }
    if (!detached.isEmpty()) {
      deleteDetached(tx, detached);
      insertDetached(tx, left);
    }
  }

  private static <K, V> List<Map.Entry<K, @Nullable V>> present(
      List<Map.Entry<K, @Nullable V>> entries) {
    return entries.stream().filter(entry -> entry.getValue() != null).toList();
  }

  private static void deleteUses(Handle tx, List<Map.Entry<Use, @Nullable Duration>> uses) {
    tx.createUpdate(
            """
            DELETE FROM backend_use u
            USING unnest(:negs, :services) AS d (neg, backend_service)
            WHERE u.neg = d.neg AND u.backend_service = d.backend_service
            """)
        .bindBySqlType("negs", SqlArrays.of(tx, "text", uses, u -> u.getKey().neg()), Types.ARRAY)
        .bindBySqlType(
            "services",
            SqlArrays.of(tx, "text", uses, u -> u.getKey().backendService()),
            Types.ARRAY)
        .execute();
  }

  private static void insertUses(Handle tx, List<Map.Entry<Use, @Nullable Duration>> uses) {
    tx.createUpdate(
            """
            INSERT INTO backend_use (neg, backend_service, draining_timeout_sec)
            SELECT u.neg, u.backend_service, u.seconds
            FROM unnest(:negs, :services, :seconds) AS u (neg, backend_service, seconds)
            """)
        .bindBySqlType("negs", SqlArrays.of(tx, "text", uses, u -> u.getKey().neg()), Types.ARRAY)
        .bindBySqlType(
            "services",
            SqlArrays.of(tx, "text", uses, u -> u.getKey().backendService()),
            Types.ARRAY)
        .bindBySqlType(
            "seconds",
            SqlArrays.of(
                tx, "int4", uses, u -> (int) Objects.requireNonNull(u.getValue()).toSeconds()),
            Types.ARRAY)
        .execute();
  }

  private static void deleteDetached(
      Handle tx, List<Map.Entry<Detached, @Nullable Instant>> endpoints) {
    tx.createUpdate(
            """
            DELETE FROM detached_endpoint e
            USING unnest(:negs, :addresses) AS d (neg, address)
            WHERE e.neg = d.neg AND e.address = d.address
            """)
        .bindBySqlType(
            "negs", SqlArrays.of(tx, "text", endpoints, e -> e.getKey().neg()), Types.ARRAY)
        .bindBySqlType(
            "addresses",
            SqlArrays.of(tx, "text", endpoints, e -> e.getKey().address().toString()),
            Types.ARRAY)
        .execute();
  }

  private static void insertDetached(
      Handle tx, List<Map.Entry<Detached, @Nullable Instant>> endpoints) {
    tx.createUpdate(
            """
            INSERT INTO detached_endpoint (neg, address, detached_at)
            SELECT e.neg, e.address, e.at::timestamptz
            FROM unnest(:negs, :addresses, :ats) AS e (neg, address, at)
            """)
        .bindBySqlType(
            "negs", SqlArrays.of(tx, "text", endpoints, e -> e.getKey().neg()), Types.ARRAY)
        .bindBySqlType(
            "addresses",
            SqlArrays.of(tx, "text", endpoints, e -> e.getKey().address().toString()),
            Types.ARRAY)
        .bindBySqlType(
            "ats",
            SqlArrays.of(
                tx, "text", endpoints, e -> Objects.requireNonNull(e.getValue()).toString()),
            Types.ARRAY)
        .execute();
  }

  /** Forgets endpoints that nobody can let drain any more. */
  static void forgetOld(Handle tx, Instant now) {
    tx.createUpdate("DELETE FROM detached_endpoint WHERE detached_at <= :old")
        .bind("old", now.minus(Draining.LONGEST).atOffset(ZoneOffset.UTC))
        .execute();
  }

  static void clear(Handle tx) {
    tx.execute("TRUNCATE backend_use, detached_endpoint");
  }
}
