package io.openneg.edgeproxy.routing;

import java.util.List;

/**
 * Header fields that go and that come, in this order. Immutable.
 *
 * @param remove names in lower case
 */
public record HeaderChanges(List<String> remove, List<Addition> add) {
  public HeaderChanges {
    remove = List.copyOf(remove);
    add = List.copyOf(add);
  }

  public boolean isEmpty() {
    return remove.isEmpty() && add.isEmpty();
  }

  /** A field that comes. */
  public record Addition(String name, String value, Mode mode) {}

  /** What of values that are there already. */
  public enum Mode {
    /** They stay. */
    APPEND,
    /** They stay, and the new one does not come. */
    ADD_IF_ABSENT,
    /** They go. */
    OVERWRITE,
    /** They go; without any, the new one does not come. */
    OVERWRITE_IF_EXISTS
  }
}
