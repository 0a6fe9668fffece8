package io.openneg.negservice.neg;

import io.openneg.negservice.neg.NegChanges.OfGroup;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * How groups were at some of their versions. Of a stream of any length no more than a bounded part
 * must be read to know how its group was, and a change costs the same with and without: one in many
 * thousand events leaves a checkpoint behind. Thread-safe.
 */
final class NegCheckpoints {
  /**
   * About as many events as it takes to make a large group: with fewer, a checkpoint would cost
   * more than the events it saves.
   */
  static final int EVERY = 20_000;

  private final NegEventCodec codec = new NegEventCodec();
  private final int every;

  /**
   * @param every how many events of a stream lie between two checkpoints, about
   */
  NegCheckpoints(int every) {
    this.every = every;
  }

  /** A group at a version. */
  record Checkpoint(long version, NegDefinition definition) {}

  boolean isDue(OfGroup change) {
    return change.version() / every > (change.firstVersion() - 1) / every;
  }

  /** Keeps a group as the tables have it; nothing when there is no such group. */
  void keep(Handle tx, NegView.Row group) {
    tx.createUpdate(
            """
            INSERT INTO neg_checkpoint
              (neg, version, definition, ips, ports, instances, annotations, ranges)
            SELECT :neg, :version, :definition,
              coalesce(array_agg(ip), '{}'), coalesce(array_agg(port), '{}'),
              coalesce(array_agg(instance), '{}'), coalesce(array_agg(annotations), '{}'),
              coalesce(array_agg(range), '{}')
            FROM neg_endpoint WHERE neg = :neg
            ON CONFLICT DO NOTHING
            """)
        .bind("neg", group.definition().name())
        .bind("version", group.version())
        .bind("definition", codec.encode(new NegCreated(group.definition())))
        .execute();
  }

  /** The youngest one that is not younger than a version. */
  Optional<Checkpoint> before(Handle handle, String name, long version) {
    return handle
        .createQuery(
            """
            SELECT version, definition FROM neg_checkpoint
            WHERE neg = :neg AND version <= :version ORDER BY version DESC LIMIT 1
            """)
        .bind("neg", name)
        .bind("version", version)
        .map(
            (row, _) ->
                new Checkpoint(row.getLong("version"), definition(row.getBytes("definition"))))
        .findOne();
  }

  /** The endpoints of a group at a checkpoint, in no order. */
  List<Endpoint> endpoints(Handle handle, String name, Checkpoint checkpoint) {
    return handle
        .createQuery(
            """
            SELECT host(e.ip) AS address, e.port, e.instance, e.annotations::text AS annotations,
              e.range::text AS range
            FROM neg_checkpoint c, unnest(c.ips, c.ports, c.instances, c.annotations, c.ranges)
              AS e (ip, port, instance, annotations, range)
            WHERE c.neg = :neg AND c.version = :version
            """)
        .bind("neg", name)
        .bind("version", checkpoint.version())
        .map((row, _) -> NegView.endpoint(row))
        .list();
  }

  private NegDefinition definition(byte[] bytes) {
    if (codec.decode(bytes) instanceof NegCreated(NegDefinition definition)) {
      return definition;
    }
    throw new IllegalStateException("a checkpoint without the definition of its group");
  }

  static void clear(Handle tx) {
    tx.execute("DELETE FROM neg_checkpoint");
  }
}
