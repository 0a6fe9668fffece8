package io.openneg.eventlog;

import io.openneg.eventlog.ParkedEvents.Parking;
import io.openneg.eventlog.ProjectionProgress.Stream;
import io.openneg.eventlog.ProjectionProgress.Versions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One batch of events into a projection. A row of {@code projected_stream} says up to which version
 * a stream is reflected: older events are duplicates and dropped, the next one is applied, one that
 * comes too early is parked until the gap before it is filled. So redelivery, replay and reordering
 * change nothing.
 *
 * <p>An event that the projection throws on is parked with its error, and those behind it in its
 * stream with it. Parked events are tried again when what they wait for was applied, when someone
 * asks, and when a projector starts; not with every batch, since poison stays poison.
 */
final class ProjectedBatch {
  private static final Logger LOG = LoggerFactory.getLogger(ProjectedBatch.class);
  private static final int REPLAYED_AT_ONCE = 1_000;

  private final String name;
  private final Projection projection;
  private final ProjectionProgress progress;
  private final ParkedEvents parked;

  ProjectedBatch(String name, Projection projection) {
    this.name = name;
    this.projection = projection;
    this.progress = new ProjectionProgress(name);
    this.parked = new ParkedEvents(name);
  }

  /** What became of events: applied, or to be parked. */
  private record Effect(List<RecordedEvent> applied, List<Parking> parkings) {}

  private interface Application {
    Effect apply(List<RecordedEvent> due);
  }

  /**
   * The fast path: everything by one call of the projection.
   *
   * @throws RuntimeException what the projection throws; then the transaction is void
   */
  void project(Handle tx, List<RecordedEvent> events, Map<TopicPartition, Long> offsets) {
    project(
        tx,
        events,
        offsets,
        due -> {
          projection.apply(tx, due);
          return new Effect(due, List.of());
        });
  }

  /**
   * After {@link #project} failed: halves the batch until the events that cannot be applied are
   * found, and parks only those and what is behind them in their streams.
   */
  void projectDividing(Handle tx, List<RecordedEvent> events, Map<TopicPartition, Long> offsets) {
    project(tx, events, offsets, due -> divided(tx, due));
  }

  private void project(
      Handle tx,
      List<RecordedEvent> events,
      Map<TopicPartition, Long> offsets,
      Application application) {
    Versions versions = progress.versions(tx, events);
    List<RecordedEvent> due = new ArrayList<>(events.size());
    List<Parking> parkings = new ArrayList<>();
    for (RecordedEvent event : events) {
      Stream stream = Stream.of(event);
      long next = versions.of(stream) + 1;
      if (event.version() == next) {
        due.add(event);
        versions.reached().put(stream, next);
      } else if (event.version() > next) {
        parkings.add(Parking.until(next, event));
        versions.waiting().add(stream);
      }
    }
    if (!parkings.isEmpty()) {
      LOG.warn("{}: parked {} events that came before their turn", name, parkings.size());
    }
    if (!due.isEmpty()) {
      Effect effect = application.apply(due);
      parkings.addAll(effect.parkings());
      Map<Stream, Long> applied = progress.saveVersions(tx, effect.applied());
      parked.park(tx, parkings);
      effect.parkings().forEach(stuck -> applied.remove(Stream.of(stuck.event())));
      applied.forEach(
          (stream, version) -> {
            if (versions.waiting().contains(stream)) {
              unpark(tx, stream, version);
            }
          });
    } else {
      parked.park(tx, parkings);
    }
    progress.saveOffsets(tx, offsets);
  }

  /** Tries every stream that has parked events again, each in a transaction of its own. */
  void replayParked(Handle session) {
    for (Stream stream : parked.streams(session)) {
      session.useTransaction(tx -> unpark(tx, stream, progress.version(tx, stream)));
    }
  }

  void requestReplay(Handle handle) {
    parked.requestReplay(handle);
  }

  boolean takeReplayRequest(Handle session) {
    return parked.takeReplayRequest(session);
  }

  /** Applies what is parked behind a version of a stream, as far as it goes. */
  private void unpark(Handle tx, Stream stream, long version) {
    long reached = version;
    while (true) {
      parked.removeUpTo(tx, stream, reached);
      List<RecordedEvent> next = parked.after(tx, stream, reached, REPLAYED_AT_ONCE);
      if (next.isEmpty()) {
        return;
      }
      Effect effect = divided(tx, next);
      reached += effect.applied().size();
      progress.saveVersions(tx, effect.applied());
      if (!effect.parkings().isEmpty()) {
        parked.removeUpTo(tx, stream, reached);
        parked.park(tx, effect.parkings());
        return;
      }
    }
  }

  private Effect divided(Handle tx, List<RecordedEvent> due) {
    Effect effect = new Effect(new ArrayList<>(due.size()), new ArrayList<>());
    divide(tx, due, new HashMap<>(), effect);
    return effect;
  }

  /**
   * @param stuck the versions at which streams cannot go on
   */
  private void divide(
      Handle tx, List<RecordedEvent> events, Map<Stream, Long> stuck, Effect effect) {
    List<RecordedEvent> free = new ArrayList<>(events.size());
    for (RecordedEvent event : events) {
      Long poison = stuck.get(Stream.of(event));
      if (poison == null) {
        free.add(event);
      } else {
        effect.parkings().add(Parking.until(poison, event));
      }
    }
    if (free.isEmpty()) {
      return;
    }
    try {
      applyOrUndo(tx, free);
      effect.applied().addAll(free);
    } catch (RuntimeException e) {
      if (SqlErrors.isTransient(e)) {
        throw e;
      }
      if (free.size() > 1) {
        int half = free.size() / 2;
        divide(tx, free.subList(0, half), stuck, effect);
        divide(tx, free.subList(half, free.size()), stuck, effect);
      } else {
        RecordedEvent poison = free.getFirst();
        LOG.error("{}: parked {} of {}", name, poison.id(), poison.topic(), e);
        stuck.put(Stream.of(poison), poison.version());
        effect.parkings().add(Parking.because(e, poison));
      }
    }
  }

  private void applyOrUndo(Handle tx, List<RecordedEvent> events) {
    // By hand: Jdbi forgets a savepoint it rolled back to, the server does not, and with every
    // failure its transaction would be nested one deeper.
    tx.execute("SAVEPOINT before_events");
    try {
      projection.apply(tx, events);
      tx.execute("RELEASE SAVEPOINT before_events");
    } catch (RuntimeException e) {
      if (!SqlErrors.isTransient(e)) {
        tx.execute("ROLLBACK TO SAVEPOINT before_events");
        tx.execute("RELEASE SAVEPOINT before_events");
      }
      throw e;
    }
  }

  Map<TopicPartition, Long> offsets(Handle handle) {
    return progress.offsets(handle);
  }

  void reset(Handle tx) {
    projection.clear(tx);
    progress.clear(tx);
    parked.clear(tx);
  }
}
