package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Delta: an answer carries what has changed in the set and names what is gone, and each resource is
 * refused for itself.
 */
final class SetChangesSubscription extends SetSubscription {
  /** The client asked for all there is and is yet to be told, and be it that there is nothing. */
  private boolean mustAnswer;

  /** Names that get an answer whatever the client holds. */
  private final Set<String> unanswered = new HashSet<>();

  /** What went while the client was away, and it may still use. */
  private final Set<String> goneMeanwhile = new HashSet<>();

  private final Parking parking = new Parking();

  SetChangesSubscription(XdsType type) {
    super(type);
  }

  @Override
  void asked(Set<String> added, Set<String> again, boolean toAll) {
    mustAnswer |= toAll;
    unanswered.addAll(added);
    unanswered.addAll(again);
    // Who asks for what it refused wants to try it again.
    parking.forget(unanswered);
    if (!wildcard()) {
      unanswered.removeIf(name -> !wants(name));
      goneMeanwhile.removeIf(name -> !wants(name));
      parking.forget(parking.names().stream().filter(name -> !wants(name)).toList());
      parking.forget(parking.suspects().stream().filter(name -> !wants(name)).toList());
    }
  }

  /** Nothing is held, so everything differs from it. */
  @Override
  void needEverything() {
    mustAnswer = true;
  }

  @Override
  void resumed(Set<String> gone) {
    mustAnswer = false;
    unanswered.removeIf(name -> held().get(name) != null || gone.contains(name));
    gone.stream().filter(this::wants).forEach(goneMeanwhile::add);
  }

  @Override
  boolean retains() {
    return super.retains() || !goneMeanwhile.isEmpty();
  }

  @Override
  boolean retains(String name) {
    return super.retains(name) || goneMeanwhile.contains(name);
  }

  @Override
  boolean hasGoneMeanwhile() {
    return !goneMeanwhile.isEmpty();
  }

  @Override
  void release() {
    super.release();
    unanswered.addAll(goneMeanwhile);
    goneMeanwhile.clear();
  }

  @Override
  void accepted(Answer answer) {
    parking.accepted(answer);
  }

  @Override
  void refused(Answer answer, String error) {
    parking.refused(answer, error);
  }

  @Override
  void overtaken(Answer answer) {
    mustAnswer |= answer.content().isEmpty();
    // The client may have it or not, so it is told of all of that again, also of what went since.
    answer.content().names().stream().filter(this::wants).forEach(unanswered::add);
  }

  @Override
  Collection<Parked> refusals() {
    return parking.refusals();
  }

  @Override
  @Nullable Parked refusalOf(String name, @Nullable XdsResource resource, ResourceSet expected) {
    return parking.refusalOf(name, resource);
  }

  @Override
  ResourceSet target(XdsSnapshot snapshot, Audience audience) {
    ResourceSet all = acceptable(super.target(snapshot, audience));
    ResourceSet certain = all;
    for (String suspect : parking.suspects()) {
      certain = as(sent(), suspect, certain);
    }
    if (!certain.fingerprint().equals(sent().fingerprint())) {
      return certain;
    }
    for (String suspect : new TreeSet<>(parking.suspects())) {
      ResourceSet withOne = as(all, suspect, certain);
      if (withOne != certain) {
        return withOne;
      }
    }
    return certain;
  }

  /** Without what the client refused: of that it keeps what it has. */
  private ResourceSet acceptable(ResourceSet target) {
    ResourceSet acceptable = target;
    for (String name : parking.names()) {
      if (parking.isParked(name, target.get(name))) {
        acceptable = as(sent(), name, acceptable);
      }
    }
    return acceptable;
  }

  private static ResourceSet as(ResourceSet model, String name, ResourceSet set) {
    @Nullable XdsResource resource = model.get(name);
    return resource == null ? set.without(name) : set.with(resource);
  }

  @Override
  boolean needsAnswer(ResourceSet target) {
    return mustAnswer
        || !unanswered.isEmpty()
        || !target.fingerprint().equals(sent().fingerprint());
  }

  @Override
  Answer.Content answer(ResourceSet target) {
    Set<String> names = new TreeSet<>(target.differencesTo(held()));
    names.addAll(unanswered);
    List<XdsResource> resources = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    for (String name : names) {
      @Nullable XdsResource resource = target.get(name);
      if (resource == null) {
        removed.add(name);
      } else {
        resources.add(resource);
      }
    }
    mustAnswer = false;
    unanswered.clear();
    return new Answer.Content(resources, removed);
  }

  @Override
  boolean settled(XdsSnapshot snapshot, Audience audience) {
    return !begun()
        || (!mustAnswer
            && unanswered.isEmpty()
            && goneMeanwhile.isEmpty()
            && unacknowledged() == null
            && acceptable(expected(snapshot, audience)).fingerprint().equals(held().fingerprint()));
  }
}
