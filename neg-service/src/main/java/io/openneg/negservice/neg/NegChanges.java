package io.openneg.negservice.neg;

import io.openneg.eventlog.RecordedEvent;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NegEvent.EndpointUpdated;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionRefused;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a batch of events changes, all told: the last word on each group and each endpoint. So a
 * batch of any size is a handful of statements, and how a log is cut into batches changes nothing.
 */
final class NegChanges {
  private final Map<String, OfGroup> groups = new LinkedHashMap<>();

  NegChanges(List<RecordedEvent> events, NegEventCodec codec) {
    for (RecordedEvent event : events) {
      groups
          .computeIfAbsent(event.stream(), OfGroup::new)
          .apply(event.version(), codec.decode(event.payload()));
    }
  }

  Collection<OfGroup> groups() {
    return groups.values();
  }

  /** What becomes of the rows of one name. */
  static final class OfGroup {
    private final String name;
    private final Map<EndpointAddress, Optional<Endpoint>> endpoints = new LinkedHashMap<>();
    private @Nullable NegDefinition created;
    private @Nullable Boolean deleting;
    private boolean cleared;
    private int growth;
    private long firstVersion;
    private long version;

    private OfGroup(String name) {
      this.name = name;
    }

    private void apply(long eventVersion, NegEvent event) {
      firstVersion = firstVersion == 0 ? eventVersion : firstVersion;
      version = eventVersion;
      switch (event) {
        case NegCreated(NegDefinition definition) -> {
          created = definition;
          deleting = false;
        }
        case EndpointAttached(Endpoint endpoint) -> {
          endpoints.put(endpoint.address(), Optional.of(endpoint));
          growth++;
        }
        case EndpointUpdated(Endpoint endpoint) ->
            endpoints.put(endpoint.address(), Optional.of(endpoint));
        case EndpointDetached(EndpointAddress address) -> {
          endpoints.put(address, Optional.empty());
          growth--;
        }
        case NegDeletionStarted _ -> deleting = true;
        case NegDeletionRefused _ -> deleting = false;
        case NegDeleted _ -> {
          cleared = true;
          created = null;
          endpoints.clear();
          growth = 0;
        }
      }
    }

    String name() {
      return name;
    }

    /** Whether everything there was before the batch is gone. */
    boolean cleared() {
      return cleared;
    }

    /** The group to insert, if it is one of this batch. */
    @Nullable NegDefinition created() {
      return created;
    }

    /** Null: as before. */
    @Nullable Boolean deleting() {
      return deleting;
    }

    /** How many endpoints more, or less. */
    int growth() {
      return growth;
    }

    /** The version of the group's first event in the batch. */
    long firstVersion() {
      return firstVersion;
    }

    /** The version of the stream behind the batch. */
    long version() {
      return version;
    }

    /** Those attached, and in empty form those detached. */
    Map<EndpointAddress, Optional<Endpoint>> endpoints() {
      return endpoints;
    }
  }
}
