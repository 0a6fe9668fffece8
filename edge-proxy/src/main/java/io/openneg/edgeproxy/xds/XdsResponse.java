package io.openneg.edgeproxy.xds;

import com.google.protobuf.Any;
import java.util.List;

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
}
