package io.openneg.backendservice.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * What is connected over any number of references: the backend services behind a resource, and the
 * forwarding rules in front of it.
 */
final class LoadBalancers {
  // The first half of PostgreSQL's key; "LB" in ASCII.
  private static final int LOCK_CLASS = 0x4c42;

  private LoadBalancers() {}

  /**
   * Waits for the commands that connect resources of the same project, until the end of the
   * transaction: two of them could each be right, and together make a load balancer of two schemes,
   * which no constraint of the tables sees. It is no write.
   */
  static void lock(Handle tx, String name) {
    String project = name.split("/", 3)[1];
    tx.createQuery("SELECT pg_advisory_xact_lock(:class, hashtext(:project))")
        .bind("class", LOCK_CLASS)
        .bind("project", project)
        .map((_, _) -> true)
        .list();
  }

  /** The same lock until the session releases it, over any number of transactions. */
  static void hold(Handle session, String name) {
    String project = name.split("/", 3)[1];
    session
        .createQuery("SELECT pg_advisory_lock(:class, hashtext(:project))")
        .bind("class", LOCK_CLASS)
        .bind("project", project)
        .map((_, _) -> true)
        .list();
  }

  /** The backend services among these resources and behind them, by name. */
  static Map<String, BackendService> services(Handle handle, Collection<String> names) {
    return names.isEmpty()
        ? Map.of()
        : read(
                handle
                    .createQuery(
                        """
                        WITH RECURSIVE reached (name) AS (
                          SELECT name FROM resource WHERE name IN (<names>)
                          UNION
                          SELECT r.used_name FROM reference r JOIN reached ON r.user_name = reached.name)
                        SELECT content FROM resource JOIN reached USING (name)
                        WHERE kind = 'backendServices'
                        """)
                    .bindList("names", names),
                BackendService.parser())
            .stream()
            .collect(Collectors.toMap(BackendService::getName, Function.identity()));
  }

  /** The forwarding rules that lead to a resource. */
  static List<ForwardingRule> rules(Handle handle, String name) {
    return read(
        handle
            .createQuery(
                """
                WITH RECURSIVE users (name) AS (
                  SELECT user_name FROM reference WHERE used_name = :name
                  UNION
                  SELECT r.user_name FROM reference r JOIN users ON r.used_name = users.name)
                SELECT content FROM resource JOIN users USING (name)
                WHERE kind = 'forwardingRules' ORDER BY name
                """)
            .bind("name", name),
        ForwardingRule.parser());
  }

  private static <M extends Message> List<M> read(Query query, Parser<M> parser) {
    return query
        .map(
            (row, _) -> {
              try {
                return parser.parseFrom(row.getBytes("content"));
              } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("a row is not of its kind", e);
              }
            })
        .list();
  }
}
