package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.Fingerprint;
import io.openneg.proxyconfigservice.xds.XdsResource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Resources that a client refused: not sent again until they change. Those refused together are
 * suspects first, to be sent one by one, so that only the one that is to blame is kept back. Not
 * thread-safe.
 */
final class Parking {
  /** The version of what is not there. */
  private static final Fingerprint ABSENT = Fingerprint.NONE;

  private final Map<String, Subscription.Parked> parked = new TreeMap<>();
  private final Set<String> suspects = new HashSet<>();

  void accepted(Answer answer) {
    forget(answer.content().names());
  }

  void refused(Answer answer, String error) {
    if (answer.content().size() > 1) {
      suspects.addAll(answer.content().names());
      return;
    }
    Map<String, Fingerprint> versions = new HashMap<>();
    answer.content().removed().forEach(name -> versions.put(name, ABSENT));
    answer.content().resources().forEach(one -> versions.put(one.name(), one.version()));
    versions.forEach(
        (name, version) -> {
          suspects.remove(name);
          parked.put(name, new Subscription.Parked(version, answer.revision(), error));
        });
  }

  /** Whether the client refused this resource as it is now; null: that it is not there. */
  boolean isParked(String name, @Nullable XdsResource resource) {
    return refusalOf(name, resource) != null;
  }

  /** How the client refused this resource as it is now; null: it did not. */
  Subscription.@Nullable Parked refusalOf(String name, @Nullable XdsResource resource) {
    Subscription.@Nullable Parked refused = parked.get(name);
    Fingerprint version = resource == null ? ABSENT : resource.version();
    return refused != null && refused.version().equals(version) ? refused : null;
  }

  boolean isSuspect(String name) {
    return suspects.contains(name);
  }

  Set<String> suspects() {
    return suspects;
  }

  /** Names of which some version was refused. */
  Set<String> names() {
    return parked.keySet();
  }

  void forget(Collection<String> names) {
    parked.keySet().removeAll(names);
    suspects.removeAll(names);
  }

  Collection<Subscription.Parked> refusals() {
    return parked.values();
  }
}
