package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Listeners or clusters: subscribed by name (as gRPC does) or to all there is (as Envoy does).
 *
 * <p>What a change removes can be kept for a while; see {@link #retain}.
 */
abstract sealed class SetSubscription extends Subscription
    permits WholeSetSubscription, SetChangesSubscription {
  private boolean wildcard;
  private Set<String> names = Set.of();
  private final Map<String, XdsResource> retained = new LinkedHashMap<>();

  SetSubscription(XdsType type) {
    super(type);
  }

  /**
   * What the client asks for has changed.
   *
   * @param added names it had not named before
   * @param again names it wants to be told of again
   * @param toAll whether it now asks for all there is and did not before
   */
  abstract void asked(Set<String> added, Set<String> again, boolean toAll);

  /** Whether the client is to be told something, if this is what it is to have. */
  abstract boolean needsAnswer(ResourceSet target);

  /** What to tell it; counts as told. */
  abstract Answer.Content answer(ResourceSet target);

  @Override
  final void subscribe(Set<String> wanted, Set<String> again) {
    boolean all = wanted.contains(WILDCARD);
    Set<String> next = new HashSet<>(wanted);
    next.remove(WILDCARD);
    Set<String> added = new HashSet<>(next);
    added.removeAll(names);
    boolean toAll = all && !wildcard;
    wildcard = all;
    names = Set.copyOf(next);
    if (!all) {
      forgetUnwanted(held().byName().keySet());
      forgetUnwanted(sent().byName().keySet());
    }
    asked(added, again, toAll);
  }

  private void forgetUnwanted(Collection<String> candidates) {
    forget(candidates.stream().filter(name -> !wants(name)).toList());
  }

  final boolean wildcard() {
    return wildcard;
  }

  final Set<String> names() {
    return names;
  }

  final boolean wants(String name) {
    return wildcard || names.contains(name);
  }

  @Override
  final ResourceSet expected(XdsSnapshot snapshot, Audience audience) {
    ResourceSet all = snapshot.set(audience, type());
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

  /** Keeps telling the client of these, although they are no more. */
  final void retain(Map<String, XdsResource> gone) {
    retained.putAll(gone);
  }

  /** These are there again. */
  final void retainNoLonger(Set<String> present) {
    retained.keySet().removeAll(present);
  }

  /** Whether the client still has what is no more. */
  boolean retains() {
    return !retained.isEmpty();
  }

  /** Whether the client still has this although it is no more. */
  boolean retains(String name) {
    return retained.containsKey(name);
  }

  /** Whether the client came back with something that is no more, and it is not known who uses. */
  boolean hasGoneMeanwhile() {
    return false;
  }

  /** The client may be told now. */
  void release() {
    retained.clear();
  }

  final Set<String> retained() {
    return retained.keySet();
  }

  /** What the client is to have now. */
  ResourceSet target(XdsSnapshot snapshot, Audience audience) {
    ResourceSet target = expected(snapshot, audience);
    for (XdsResource resource : retained.values()) {
      if (wants(resource.name())) {
        target = target.with(resource);
      }
    }
    return target;
  }
}
