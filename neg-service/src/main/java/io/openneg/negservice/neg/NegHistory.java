package io.openneg.negservice.neg;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.openneg.eventlog.EventStore;
import io.openneg.negservice.neg.NegChanges.OfGroup;
import io.openneg.negservice.neg.NegCheckpoints.Checkpoint;
import java.time.Duration;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * How groups were: a checkpoint, and the events since. What was is kept for a while, since it is
 * asked for page by page. Thread-safe.
 */
public final class NegHistory {
  /** In endpoints: a few large groups. */
  private static final long CACHED = 40_000;

  private static final int WEIGHT_OF_GROUP = 20;

  private final EventStore store;
  private final NegCheckpoints checkpoints;
  private final NegEventCodec codec = new NegEventCodec();
  // Not for ever: a restored backup has another past.
  private final Cache<Key, Optional<PastGroup>> cache =
      Caffeine.newBuilder()
          .maximumWeight(CACHED)
          .<Key, Optional<PastGroup>>weigher(
              (_, past) -> WEIGHT_OF_GROUP + past.map(group -> group.endpoints().size()).orElse(0))
          .expireAfterWrite(Duration.ofMinutes(1))
          .build();

  public NegHistory(EventStore store, NegView view) {
    this.store = store;
    this.checkpoints = view.checkpoints();
  }

  private record Key(String name, long version) {}

  /**
   * A group as it was; immutable.
   *
   * @param endpoints in order
   * @param version the one asked for
   */
  record PastGroup(
      NegDefinition definition, NavigableMap<EndpointAddress, Endpoint> endpoints, long version) {}

  /**
   * @param version of the stream, which must have it
   * @return empty when there was no group then
   */
  Optional<PastGroup> at(Handle handle, String name, long version) {
    Key key = new Key(name, version);
    Optional<PastGroup> cached = cache.getIfPresent(key);
    if (cached != null) {
      return cached;
    }
    Optional<PastGroup> past = fold(handle, name, version);
    cache.put(key, past);
    return past;
  }

  private Optional<PastGroup> fold(Handle handle, String name, long version) {
    @Nullable Checkpoint checkpoint = checkpoints.before(handle, name, version).orElse(null);
    @Nullable NegDefinition definition = checkpoint == null ? null : checkpoint.definition();
    NavigableMap<EndpointAddress, Endpoint> endpoints = new TreeMap<>();
    if (checkpoint != null) {
      checkpoints
          .endpoints(handle, name, checkpoint)
          .forEach(endpoint -> endpoints.put(endpoint.address(), endpoint));
    }
    long from = checkpoint == null ? 0 : checkpoint.version();
    for (OfGroup change : new NegChanges(store.read(handle, name, from, version), codec).groups()) {
      if (change.cleared()) {
        definition = null;
        endpoints.clear();
      }
      definition = change.created() == null ? definition : change.created();
      change
          .endpoints()
          .forEach(
              (address, endpoint) ->
                  endpoint.ifPresentOrElse(
                      e -> endpoints.put(address, e), () -> endpoints.remove(address)));
    }
    return Optional.ofNullable(definition)
        .map(d -> new PastGroup(d, Collections.unmodifiableNavigableMap(endpoints), version));
  }
}
