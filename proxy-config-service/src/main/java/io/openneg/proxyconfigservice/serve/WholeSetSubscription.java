package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.Fingerprint;
import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Listeners or clusters: an answer is everything the client subscribes to, and what is not in it is
 * gone. Subscribed by name (as gRPC does) or to all there is (as Envoy does).
 *
 * <p>What a change removes can be kept for a while; see {@link #retain}.
 */
final class WholeSetSubscription extends Subscription {
  private static final String WILDCARD = "*";

  private boolean wildcard;

  /** Names were never given, so that a request without names still means all. */
  private boolean implicitWildcard;

  private Set<String> names = Set.of();
  private boolean mustAnswer;
  private @Nullable Parked parked;
  private final Map<String, XdsResource> retained = new LinkedHashMap<>();

  WholeSetSubscription(XdsType type) {
    super(type);
  }

  /**
   * xDS protocol, "How the client specifies what resources to return": no names in the first
   * request mean all, and later nothing, unless names were never given; "*" means all as well.
   */
  @Override
  void subscribe(List<String> wanted, boolean first) {
    implicitWildcard = wanted.isEmpty() && (first || implicitWildcard);
    boolean all = implicitWildcard || wanted.contains(WILDCARD);
    Set<String> next = new HashSet<>(wanted);
    next.remove(WILDCARD);
    if (!all) {
      Set<String> dropped = new HashSet<>(wildcard ? held().byName().keySet() : names);
      dropped.removeAll(next);
      forget(dropped);
    }
    // Whoever asks anew gets an answer, and be it that there is nothing.
    mustAnswer |= (all && !wildcard) || (!all && !names.containsAll(next));
    wildcard = all;
    names = Set.copyOf(next);
  }

  boolean wildcard() {
    return wildcard;
  }

  @Override
  void needEverything() {
    mustAnswer = true;
  }

  @Override
  ResourceSet expected(XdsSnapshot snapshot, Audience audience) {
    return of(snapshot.set(audience, type()));
  }

  @Override
  void resumed(XdsSnapshot snapshot, Audience audience) {
    // A name that does not exist may never have been answered.
    mustAnswer = !names.stream().allMatch(name -> held().get(name) != null);
  }

  @Override
  void accepted(Answer answer) {
    parked = null;
    if (!wildcard) {
      forget(held().byName().keySet().stream().filter(name -> !names.contains(name)).toList());
    }
  }

  @Override
  void refused(Answer answer, String error) {
    parked = new Parked(answer.after().fingerprint(), answer.revision(), error);
  }

  @Override
  Collection<Parked> refusals() {
    return parked == null ? List.of() : List.of(parked);
  }

  private boolean isParked(Fingerprint set) {
    return parked != null && set.equals(parked.version());
  }

  /** Keeps telling the client of these, although they are no more. */
  void retain(Map<String, XdsResource> gone) {
    retained.putAll(gone);
  }

  Map<String, XdsResource> retained() {
    return retained;
  }

  /** What the client is to be told now. */
  ResourceSet target(XdsSnapshot snapshot, Audience audience) {
    ResourceSet target = expected(snapshot, audience);
    for (XdsResource resource : retained.values()) {
      if (wildcard || names.contains(resource.name())) {
        target = target.with(resource);
      }
    }
    return target;
  }

  boolean needsAnswer(ResourceSet target) {
    return mustAnswer
        || (!target.fingerprint().equals(sent().fingerprint()) && !isParked(target.fingerprint()));
  }

  @Override
  boolean settled(XdsSnapshot snapshot, Audience audience) {
    Fingerprint expected = expected(snapshot, audience).fingerprint();
    return !begun()
        || (!mustAnswer
            && unacknowledged() == null
            && (expected.equals(held().fingerprint()) || isParked(expected)));
  }

  void answered() {
    mustAnswer = false;
  }

  private ResourceSet of(ResourceSet all) {
    if (wildcard) {
      return all;
    }
    ResourceSet mine = ResourceSet.EMPTY;
    for (String name : names) {
      @Nullable XdsResource resource = all.get(name);
      if (resource != null) {
        mine = mine.with(resource);
      }
    }
    return mine;
  }
}
