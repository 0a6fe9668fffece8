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
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints or routes: asked for by name, and an answer carries only what is new to the client.
 *
 * <p>The version of an answer is that of all the client then holds, not of what is in it.
 */
final class ByNameSubscription extends Subscription {
  private final boolean tellsRemovals;
  private Set<String> names = Set.of();

  /** Names whose resource may differ from what the client holds; a superset of those that do. */
  private final Set<String> changed = new HashSet<>();

  /** Names that get an answer whatever the client holds. */
  private final Set<String> unanswered = new HashSet<>();

  /** Names that are to be told anew even to a client that comes back with what they are now. */
  private final Set<String> neededAgain = new HashSet<>();

  private final Parking parking = new Parking();

  /**
   * @param tellsRemovals whether the client is told when a resource that it holds is no more; where
   *     the protocol has no word for it, it learns so from what pointed to it
   */
  ByNameSubscription(XdsType type, boolean tellsRemovals) {
    super(type);
    this.tellsRemovals = tellsRemovals;
  }

  @Override
  void subscribe(Set<String> wanted, Set<String> again) {
    Set<String> dropped = new HashSet<>(names);
    dropped.removeAll(wanted);
    forget(dropped);
    unanswered.removeAll(dropped);
    parking.forget(dropped);
    for (String name : wanted) {
      if (!names.contains(name)) {
        unanswered.add(name);
      }
    }
    names = wanted;
    parking.forget(again);
    needAgain(again.stream().filter(names::contains).toList());
  }

  @Override
  void needEverything() {
    unanswered.addAll(names);
  }

  /** A client that holds a resource which was since deleted does not match, and gets all anew. */
  @Override
  ResourceSet expected(XdsSnapshot snapshot, Audience audience) {
    ResourceSet mine = ResourceSet.EMPTY;
    for (String name : names) {
      @Nullable XdsResource resource = snapshot.get(audience, type(), name);
      if (resource != null) {
        mine = mine.with(resource);
      }
    }
    return mine;
  }

  /** What is gone is unanswered: every name is, at first. */
  @Override
  void resumed(Set<String> gone) {
    unanswered.removeIf(name -> held().get(name) != null && !neededAgain.contains(name));
    neededAgain.removeAll(names);
  }

  /** The snapshot has changed; null: it is not known where. */
  void noteChanges(@Nullable Set<String> changedNames) {
    if (changedNames == null) {
      changed.addAll(names);
    } else {
      changedNames.stream().filter(names::contains).forEach(changed::add);
    }
  }

  /** The client needs these again, although they may not have changed: it may have lost them. */
  void needAgain(Collection<String> again) {
    forget(again);
    neededAgain.addAll(again);
    again.stream().filter(names::contains).forEach(unanswered::add);
  }

  @Override
  void accepted(Answer answer) {
    parking.accepted(answer);
  }

  @Override
  void refused(Answer answer, String error) {
    parking.refused(answer, error);
    parking.suspects().retainAll(names);
    unanswered.addAll(parking.suspects());
  }

  @Override
  void overtaken(Answer answer) {
    answer.content().names().stream().filter(names::contains).forEach(unanswered::add);
  }

  /**
   * What to send now.
   *
   * @param mayGo whether a resource may be sent already; if not, it is looked at again next time
   * @param missingMayGo whether the client may be told of a name that does not exist (any more)
   */
  Answer.Content due(
      XdsSnapshot snapshot,
      Audience audience,
      Predicate<XdsResource> mayGo,
      Predicate<String> missingMayGo) {
    List<XdsResource> resources = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    Answer.Content suspect = Answer.Content.NONE;
    Set<String> candidates = new TreeSet<>(changed);
    candidates.addAll(unanswered);
    for (String name : candidates) {
      @Nullable XdsResource resource = snapshot.get(audience, type(), name);
      if (isKnown(name, resource)) {
        changed.remove(name);
        unanswered.remove(name);
      } else if (resource == null ? missingMayGo.test(name) : mayGo.test(resource)) {
        if (parking.isSuspect(name)) {
          suspect =
              resource == null
                  ? new Answer.Content(List.of(), List.of(name))
                  : new Answer.Content(List.of(resource), List.of());
        } else if (resource == null) {
          missing.add(name);
        } else {
          resources.add(resource);
        }
      }
    }
    Answer.Content due = new Answer.Content(resources, missing);
    return due.isEmpty() ? suspect : due;
  }

  private boolean isKnown(String name, @Nullable XdsResource resource) {
    if (parking.isParked(name, resource)) {
      return true;
    }
    if (unanswered.contains(name)) {
      return false;
    }
    @Nullable XdsResource sent = sent().get(name);
    return resource == null ? !tellsRemovals || sent == null : resource.equals(sent);
  }

  /** Names that do not exist (any more), of which the client is yet to be told. */
  Stream<String> missing(XdsSnapshot snapshot, Audience audience) {
    return Stream.concat(unanswered.stream(), changed.stream())
        .filter(name -> snapshot.get(audience, type(), name) == null && !isKnown(name, null));
  }

  /** Whether the client is known to have a resource of this name, in some version. */
  boolean holds(String name) {
    return held().get(name) != null && !unanswered.contains(name);
  }

  Set<String> names() {
    return names;
  }

  /** Whether anything waits to be sent, now or later. */
  boolean hasCandidates() {
    return !changed.isEmpty() || !unanswered.isEmpty();
  }

  void answered(Answer.Content content) {
    Set<String> told = content.names();
    changed.removeAll(told);
    unanswered.removeAll(told);
    neededAgain.removeAll(told);
  }

  /** Whether this resource was sent as it is now, or is refused. */
  boolean isSent(XdsResource resource) {
    return resource.equals(sent().get(resource.name())) || isParked(resource);
  }

  /** Whether the client has this resource as it is now, or refuses it. */
  boolean settled(XdsResource resource) {
    return resource.equals(held().get(resource.name())) || isParked(resource);
  }

  @Override
  boolean settled(XdsSnapshot snapshot, Audience audience) {
    return !begun() || (unacknowledged() == null && !hasCandidates());
  }

  @Override
  Collection<Parked> refusals() {
    return parking.refusals();
  }

  @Override
  @Nullable Parked refusalOf(String name, @Nullable XdsResource resource, ResourceSet expected) {
    return parking.refusalOf(name, resource);
  }

  private boolean isParked(XdsResource resource) {
    return parking.isParked(resource.name(), resource);
  }
}
