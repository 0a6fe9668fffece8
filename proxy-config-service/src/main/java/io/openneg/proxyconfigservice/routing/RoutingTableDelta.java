package io.openneg.proxyconfigservice.routing;

import java.util.List;

/**
 * The rows that differ between two revisions, each once and as the later revision has it.
 *
 * @param after the earlier revision; 0: the empty table
 * @param upTo the later revision
 */
public record RoutingTableDelta(long after, long upTo, List<RowChange> changes) {
  public RoutingTableDelta {
    if (after > upTo) {
      throw new IllegalArgumentException(
          "revisions go forward only, not from %d to %d".formatted(after, upTo));
    }
    changes = List.copyOf(changes);
  }
}
