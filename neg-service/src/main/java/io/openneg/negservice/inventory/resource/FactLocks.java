package io.openneg.negservice.inventory.resource;

import io.openneg.eventlog.SqlArrays;
import java.sql.Types;
import java.util.Collection;
import org.jdbi.v3.core.Handle;

/**
 * Lets commands on different streams that are about to exclude each other queue before they read
 * their facts, until the end of their transactions. The constraints of the tables would refuse the
 * losers as well, but only after they have waited for each other, a second for each deadlock. No
 * write: the transaction still has no id.
 */
public final class FactLocks {
  private FactLocks() {}

  /** For who puts something into these, or chooses in them. */
  public static void exclusive(Handle tx, Collection<String> names) {
    acquire(tx, "pg_advisory_xact_lock", names);
  }

  /** For who only relies on their being there. */
  public static void shared(Handle tx, Collection<String> names) {
    acquire(tx, "pg_advisory_xact_lock_shared", names);
  }

  private static void acquire(Handle tx, String function, Collection<String> names) {
    tx.createQuery(
            "SELECT " + function + "(hashtextextended(n.name, 0)) FROM unnest(:names) AS n (name)")
        .bindBySqlType(
            "names",
            // In one order everywhere, so that nobody waits for each other here.
            SqlArrays.of(tx, "text", names.stream().distinct().sorted().toList()),
            Types.ARRAY)
        .map((_, _) -> true)
        .list();
  }
}
