package io.openneg.healthservice.shard;

import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * This replica's word that a shard is its own, and the check of it in every transaction that
 * announces. Kafka says who is to own a shard, but a replica that was paused may believe an old
 * assignment; the database decides, because that is where announcements are made. Thread-safe.
 */
public final class ShardOwnership {
  private final Jdbi jdbi;
  private final String owner;

  /**
   * @param owner of this very process, never used again
   */
  public ShardOwnership(Jdbi jdbi, String owner) {
    this.jdbi = jdbi;
    this.owner = owner;
  }

  /**
   * Takes shards over from whoever has them. Announcements of the former owner that are under way
   * are waited for, so what is read afterwards is its last word; later ones are refused.
   */
  public void claim(Set<Integer> shards) {
    jdbi.useTransaction(
        tx -> {
          // In order, as in the check, so that nobody waits in a circle.
          for (int shard : new TreeSet<>(shards)) {
            tx.createUpdate(
                    """
                    INSERT INTO shard_owner (shard, owner) VALUES (:shard, :owner)
                    ON CONFLICT (shard) DO UPDATE SET owner = excluded.owner
                    """)
                .bind("shard", shard)
                .bind("owner", owner)
                .execute();
          }
        });
  }

  /**
   * The view, but what is not this replica's to announce fails its transaction with {@link
   * FencedException}. The check comes after the append, which must be a transaction's first write.
   */
  public Projection fencing(Projection view) {
    return new Projection() {
      @Override
      public void apply(Handle tx, List<RecordedEvent> events) {
        check(tx, events.stream().map(e -> Shards.of(e.stream())).collect(Collectors.toSet()));
        view.apply(tx, events);
      }

      @Override
      public void clear(Handle tx) {
        view.clear(tx);
      }
    };
  }

  private void check(Handle tx, Set<Integer> shards) {
    List<Integer> owned =
        tx.createQuery(
                """
                SELECT shard FROM shard_owner WHERE shard = ANY (:shards) AND owner = :owner
                ORDER BY shard FOR SHARE
                """)
            .bindArray("shards", Integer.class, shards)
            .bind("owner", owner)
            .mapTo(Integer.class)
            .list();
    if (owned.size() < shards.size()) {
      Set<Integer> lost = new TreeSet<>(shards);
      owned.forEach(lost::remove);
      throw new FencedException(lost);
    }
  }
}
