package io.openneg.eventlog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.openneg.eventlog.EventStore.NewEvent;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The current state of streams: a bounded cache of folds, brought up to date by the events since,
 * so a command costs the same on a stream of ten events and of a hundred thousand. Thread-safe.
 *
 * <p>The log is right, never the cache: what a failover or a restored backup took back was
 * remembered here, too. So the last event of a cached fold is read again each time, and if the log
 * has another one there, or none, the stream is folded from its beginning.
 */
final class StreamFold<S, E> {
  private static final Logger LOG = LoggerFactory.getLogger(StreamFold.class);

  /**
   * A stream's state and the version it reflects; version 0 is the empty stream.
   *
   * @param last what tells the event of that version from any other; null when there is none
   */
  record Folded<S>(S state, long version, @Nullable Last last) {

    /** The version behind which the log is read: the last event once more, and those since. */
    private long readAfter() {
      return Math.max(0, version - 1);
    }

    /** When the last event happened; before everything when there is none. */
    Instant time() {
      return last == null ? Instant.MIN : last.occurredAt();
    }

    private boolean endsWith(RecordedEvent event) {
      return last != null
          && event.version() == version
          && event.occurredAt().equals(last.occurredAt())
          && Arrays.equals(event.payload(), last.payload());
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // compared with Arrays.equals
  record Last(Instant occurredAt, byte[] payload) {
    private static Last of(RecordedEvent event) {
      return new Last(event.occurredAt(), event.payload());
    }
  }

  private final EventStore store;
  private final Decider<S, ?, E> decider;
  private final EventCodec<E> codec;
  private final Cache<String, Folded<S>> cache;

  StreamFold(EventStore store, Decider<S, ?, E> decider, EventCodec<E> codec, long cachedWeight) {
    this.store = store;
    this.decider = decider;
    this.codec = codec;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(cachedWeight)
            .<String, Folded<S>>weigher((_, folded) -> decider.weight(folded.state()))
            .build();
  }

  Folded<S> current(Handle handle, String stream) {
    Folded<S> cached = cached(stream);
    return current(handle, stream, cached, store.read(handle, stream, cached.readAfter()));
  }

  /** The same for many streams by one query. */
  Map<String, Folded<S>> current(Handle handle, Collection<String> streams) {
    Map<String, Folded<S>> cached = new LinkedHashMap<>();
    streams.forEach(stream -> cached.put(stream, cached(stream)));
    Map<String, Long> readAfter = new LinkedHashMap<>();
    cached.forEach((stream, folded) -> readAfter.put(stream, folded.readAfter()));
    Map<String, List<RecordedEvent>> read = store.readAfter(handle, readAfter);
    Map<String, Folded<S>> current = new LinkedHashMap<>();
    cached.forEach(
        (stream, folded) ->
            current.put(
                stream, current(handle, stream, folded, read.getOrDefault(stream, List.of()))));
    return current;
  }

  /**
   * @param read the last event of {@code cached} as the log has it, and those since
   */
  private Folded<S> current(
      Handle handle, String stream, Folded<S> cached, List<RecordedEvent> read) {
    if (cached.version() == 0) {
      return fold(cached, read);
    }
    if (!read.isEmpty() && cached.endsWith(read.getFirst())) {
      return fold(cached, read.subList(1, read.size()));
    }
    LOG.warn(
        "the log no longer has version {} of {} as it was remembered; folding anew",
        cached.version(),
        stream);
    cache.asMap().remove(stream, cached);
    return fold(empty(), store.read(handle, stream, 0));
  }

  /** The state as of a past version, from the log alone. */
  Folded<S> at(Handle handle, String stream, long version) {
    return fold(empty(), store.read(handle, stream, 0, version));
  }

  private Folded<S> fold(Folded<S> from, List<RecordedEvent> events) {
    S state = from.state();
    long version = from.version();
    for (RecordedEvent event : events) {
      if (event.version() != version + 1) {
        throw new IllegalStateException(
            "stream %s has version %d where %d was due"
                .formatted(event.stream(), event.version(), version + 1));
      }
      state = decider.evolve(state, codec.decode(event.payload()));
      version = event.version();
    }
    return new Folded<>(state, version, events.isEmpty() ? from.last() : Last.of(events.getLast()));
  }

  /** The state after events that were just decided on. */
  Folded<S> evolve(Folded<S> from, List<E> events, List<NewEvent> encoded, Instant occurredAt) {
    S state = from.state();
    for (E event : events) {
      state = decider.evolve(state, event);
    }
    return new Folded<>(
        state,
        from.version() + events.size(),
        encoded.isEmpty() ? from.last() : new Last(occurredAt, encoded.getLast().payload()));
  }

  /** Remembers a committed fold; an older one than the remembered is ignored. */
  void remember(String stream, Folded<S> folded) {
    cache
        .asMap()
        .merge(stream, folded, (old, fresh) -> fresh.version() > old.version() ? fresh : old);
  }

  private Folded<S> cached(String stream) {
    Folded<S> cached = cache.getIfPresent(stream);
    return cached == null ? empty() : cached;
  }

  private Folded<S> empty() {
    return new Folded<>(decider.initial(), 0, null);
  }
}
