package io.openneg.eventlog;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * The current state of streams: a bounded cache of folds, brought up to date by the events since,
 * so a command costs the same on a stream of ten events and of a hundred thousand. Thread-safe.
 */
final class StreamFold<S, E> {

  /** A stream's state and the version it reflects; version 0 is the empty stream. */
  record Folded<S>(S state, long version) {}

  private final EventStore store;
  private final Decider<S, ?, E> decider;
  private final EventCodec<E> codec;
  private final Cache<String, Folded<S>> cache;

  StreamFold(EventStore store, Decider<S, ?, E> decider, EventCodec<E> codec, long cachedStreams) {
    this.store = store;
    this.decider = decider;
    this.codec = codec;
    this.cache = Caffeine.newBuilder().maximumSize(cachedStreams).build();
  }

  Folded<S> current(Handle handle, String stream) {
    Folded<S> cached = cache.getIfPresent(stream);
    Folded<S> from = cached == null ? empty() : cached;
    return fold(from, store.read(handle, stream, from.version()));
  }

  /** The same for many streams by one query. */
  Map<String, Folded<S>> current(Handle handle, Collection<String> streams) {
    Map<String, Folded<S>> folds = new LinkedHashMap<>();
    for (String stream : streams) {
      Folded<S> cached = cache.getIfPresent(stream);
      folds.put(stream, cached == null ? empty() : cached);
    }
    Map<String, Long> versions = new LinkedHashMap<>();
    folds.forEach((stream, folded) -> versions.put(stream, folded.version()));
    for (RecordedEvent event : store.readAfter(handle, versions)) {
      folds.compute(event.stream(), (_, folded) -> fold(requireNonNull(folded), List.of(event)));
    }
    return folds;
  }

  /** The state as of a past version, from the log alone. */
  Folded<S> at(Handle handle, String stream, long version) {
    return fold(empty(), store.read(handle, stream, 0, version));
  }

  Folded<S> fold(Folded<S> from, List<RecordedEvent> events) {
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
    return new Folded<>(state, version);
  }

  /** Remembers a committed fold; an older one than the remembered is ignored. */
  void remember(String stream, Folded<S> folded) {
    cache
        .asMap()
        .merge(stream, folded, (old, fresh) -> fresh.version() > old.version() ? fresh : old);
  }

  private Folded<S> empty() {
    return new Folded<>(decider.initial(), 0);
  }
}
