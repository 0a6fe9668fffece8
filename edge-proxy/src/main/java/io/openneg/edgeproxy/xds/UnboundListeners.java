package io.openneg.edgeproxy.xds;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was sent of the listeners whose address could not be listened on: the port may be free
 * later, and the server will not send again what was refused. Not thread-safe.
 */
final class UnboundListeners {
  private @Nullable XdsResponse response;

  /**
   * A response was tried.
   *
   * @param failed names of its listeners that cannot be listened on
   */
  void note(XdsResponse tried, Set<String> failed) {
    if (tried.whole()) {
      response = failed.isEmpty() ? null : tried;
      return;
    }
    Map<String, XdsResponse.Item> items = new TreeMap<>();
    if (response != null) {
      response.resources().forEach(item -> items.put(item.name(), item));
    }
    items.keySet().removeAll(tried.removed());
    for (XdsResponse.Item item : tried.resources()) {
      if (failed.contains(item.name())) {
        items.put(item.name(), item);
      } else {
        items.remove(item.name());
      }
    }
    response =
        items.isEmpty()
            ? null
            : new XdsResponse(
                tried.typeUrl(), "", "", List.copyOf(items.values()), List.of(), false);
  }

  /** To be tried again; null: nothing is. */
  @Nullable XdsResponse response() {
    return response;
  }

  boolean has(String name) {
    return response != null && response.names().contains(name);
  }
}
