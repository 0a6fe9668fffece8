package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints or routes: asked for by name, and an answer carries only what is new to the client.
 *
 * <p>The version of an answer is that of all the client then holds, not of what is in it.
 */
final class ByNameSubscription extends Subscription {
  private Set<String> names = new HashSet<>();

  /** Names whose resource may differ from what the client holds; a superset of those that do. */
  private final Set<String> changed = new HashSet<>();

  /** Names that get an answer whatever the client holds. */
  private final Set<String> unanswered = new HashSet<>();

  /** Names that will be {@link #unanswered} as soon as the client asks for them. */
  private final Set<String> neededAgain = new HashSet<>();

  /** Names refused together with others: sent alone, to find the one that is to blame. */
  private final Set<String> suspects = new HashSet<>();

  /** Versions that the client refused. They are not sent again. */
  private final Map<String, Parked> parked = new HashMap<>();

  ByNameSubscription(XdsType type) {
    super(type);
  }

  @Override
  void subscribe(List<String> wanted, boolean first) {
    Set<String> next = new HashSet<>(wanted);
    Set<String> dropped = new HashSet<>(names);
    dropped.removeAll(next);
    forget(dropped);
    unanswered.removeAll(dropped);
    suspects.removeAll(dropped);
    parked.keySet().removeAll(dropped);
    for (String name : next) {
      if (!names.contains(name)) {
        unanswered.add(name);
      }
    }
    names = next;
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

  @Override
  void resumed(XdsSnapshot snapshot, Audience audience) {
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
    for (String name : again) {
      (names.contains(name) ? unanswered : neededAgain).add(name);
    }
  }

  @Override
  void accepted(Answer answer) {
    List<String> meanwhileDropped = new ArrayList<>();
    for (XdsResource resource : answer.resources()) {
      suspects.remove(resource.name());
      parked.remove(resource.name());
      if (!names.contains(resource.name())) {
        meanwhileDropped.add(resource.name());
      }
    }
    forget(meanwhileDropped);
  }

  @Override
  void refused(Answer answer, String error) {
    if (answer.resources().size() == 1) {
      XdsResource resource = answer.resources().iterator().next();
      suspects.remove(resource.name());
      parked.put(resource.name(), new Parked(resource.version(), answer.revision(), error));
    } else {
      for (XdsResource resource : answer.resources()) {
        suspects.add(resource.name());
        unanswered.add(resource.name());
      }
    }
  }

  /**
   * What to send now, in order of names.
   *
   * @param mayGo whether a resource may be sent already; if not, it is looked at again next time
   * @param emptyMayGo whether names that do not exist may be answered with an empty resource
   */
  List<XdsResource> due(
      XdsSnapshot snapshot, Audience audience, Predicate<XdsResource> mayGo, boolean emptyMayGo) {
    List<XdsResource> due = new ArrayList<>();
    @Nullable XdsResource suspect = null;
    Set<String> candidates = new TreeSet<>(changed);
    candidates.addAll(unanswered);
    for (String name : candidates) {
      @Nullable XdsResource resource = snapshot.get(audience, type(), name);
      if (resource == null) {
        changed.remove(name);
        if (emptyMayGo && unanswered.contains(name)) {
          due.add(XdsSnapshot.empty(type(), name));
        }
      } else if (isKnown(resource)) {
        changed.remove(name);
        unanswered.remove(name);
      } else if (mayGo.test(resource)) {
        if (suspects.contains(name)) {
          suspect = resource;
        } else {
          due.add(resource);
        }
      }
    }
    return due.isEmpty() && suspect != null ? List.of(suspect) : due;
  }

  private boolean isKnown(XdsResource resource) {
    return isParked(resource)
        || (resource.equals(sent().get(resource.name())) && !unanswered.contains(resource.name()));
  }

  /** Whether a name is yet to be answered that does not exist. */
  boolean hasMissing(XdsSnapshot snapshot, Audience audience) {
    return unanswered.stream().anyMatch(name -> snapshot.get(audience, type(), name) == null);
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

  void answered(List<XdsResource> resources) {
    for (XdsResource resource : resources) {
      changed.remove(resource.name());
      unanswered.remove(resource.name());
      neededAgain.remove(resource.name());
    }
  }

  /** What the client holds after these. Resources that do not exist do not count. */
  ResourceSet after(List<XdsResource> resources, XdsSnapshot snapshot, Audience audience) {
    ResourceSet after = held();
    for (XdsResource resource : resources) {
      after =
          snapshot.get(audience, type(), resource.name()) == null
              ? after.without(resource.name())
              : after.with(resource);
    }
    return after;
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
    return parked.values();
  }

  private boolean isParked(XdsResource resource) {
    @Nullable Parked refused = parked.get(resource.name());
    return refused != null && resource.version().equals(refused.version());
  }
}
