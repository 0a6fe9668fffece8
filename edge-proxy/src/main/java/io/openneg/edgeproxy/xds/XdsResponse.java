package io.openneg.edgeproxy.xds;

import com.google.protobuf.Any;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the control plane said about one type, in either variant of the protocol. Immutable.
 *
 * @param version of all there is
 * @param removed names of what is not there (any more)
 * @param whole whether a resource of a wildcard type that is not in it is gone
 */
record XdsResponse(
    String typeUrl,
    String version,
    String nonce,
    List<Item> resources,
    List<String> removed,
    boolean whole) {

  /**
   * @param name "" if only the body says it
   */
  record Item(String name, String version, Any body) {}

  XdsResponse {
    resources = List.copyOf(resources);
    removed = List.copyOf(removed);
  }

  /** Of the resources that are in it, as far as they are said beside the bodies. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    resources.forEach(item -> names.add(item.name()));
    return names;
  }

  /** What of a wildcard type stays as it is, because nothing is said of it. */
  <T> Map<String, T> untouched(Map<String, T> before) {
    if (whole) {
      return Map.of();
    }
    Map<String, T> untouched = new TreeMap<>(before);
    untouched.keySet().removeAll(names());
    removed.forEach(untouched::remove);
    return untouched;
  }
}
