package io.openneg.edgeproxy.xds;

import io.openneg.edgeproxy.config.ResourceType;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the client has to say about one resource type: the version is the last one that was accepted
 * as a whole, it outlives the stream; the nonce is that of the last response, it does not. Not
 * thread-safe.
 */
final class Subscription {

  private final ResourceType type;
  private final Set<String> names = new TreeSet<>();
  private String version = "";
  private String nonce = "";
  private boolean requested;

  Subscription(ResourceType type) {
    this.type = type;
  }

  /**
   * The first request on a new stream, or null when there is nothing to ask for.
   *
   * @param known versions of what is there, by name
   */
  @Nullable XdsRequest open(Map<String, String> known) {
    nonce = "";
    requested = type.wildcard() || !names.isEmpty();
    return requested ? request(names, Set.of(), false, null, known) : null;
  }

  /**
   * Changes the names that are subscribed to.
   *
   * @return the request that tells so, or null when there is nothing to tell
   */
  @Nullable XdsRequest subscribe(Set<String> wanted, boolean streamOpen) {
    if (names.equals(wanted)) {
      return null;
    }
    Set<String> added = new TreeSet<>(wanted);
    added.removeAll(names);
    Set<String> dropped = new TreeSet<>(names);
    dropped.removeAll(wanted);
    names.clear();
    names.addAll(wanted);
    // An empty list in the first request would ask for everything.
    if (!streamOpen || (!requested && names.isEmpty())) {
      return null;
    }
    requested = true;
    return request(added, dropped, false, null, Map.of());
  }

  /** Asks to be told of these again. */
  XdsRequest again(Set<String> refused) {
    return request(refused, Set.of(), false, null, Map.of());
  }

  XdsRequest ack(String version, String nonce) {
    this.version = version;
    this.nonce = nonce;
    return request(Set.of(), Set.of(), true, null, Map.of());
  }

  XdsRequest nack(String nonce, String reason) {
    this.nonce = nonce;
    return request(Set.of(), Set.of(), true, reason, Map.of());
  }

  /** Takes a version as accepted without a word to the server. */
  void accept(String version) {
    this.version = version;
  }

  private XdsRequest request(
      Set<String> added,
      Set<String> dropped,
      boolean acknowledges,
      @Nullable String error,
      Map<String, String> known) {
    return new XdsRequest(type, names, added, dropped, version, nonce, acknowledges, error, known);
  }

  Set<String> names() {
    return names;
  }

  String version() {
    return version;
  }
}
