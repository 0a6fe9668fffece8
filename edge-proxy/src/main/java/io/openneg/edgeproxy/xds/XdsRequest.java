package io.openneg.edgeproxy.xds;

import io.openneg.edgeproxy.config.ResourceType;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said about one type, in either variant of the protocol; each has use for some of
 * it. Immutable.
 *
 * @param names all that are subscribed to; empty: none, or all if the type is a wildcard one
 * @param added names to be told about from now on, or anew
 * @param dropped names given up
 * @param version the last one that was accepted as a whole
 * @param nonce of the last response of this stream; "" before
 * @param acknowledges whether it is the word about the response with that nonce
 * @param error why that one is refused, or null
 * @param known versions by name of what is there, in the first request of a stream
 */
record XdsRequest(
    ResourceType type,
    Set<String> names,
    Set<String> added,
    Set<String> dropped,
    String version,
    String nonce,
    boolean acknowledges,
    @Nullable String error,
    Map<String, String> known) {

  XdsRequest {
    names = Set.copyOf(names);
    added = Set.copyOf(added);
    dropped = Set.copyOf(dropped);
    known = Map.copyOf(known);
  }
}
