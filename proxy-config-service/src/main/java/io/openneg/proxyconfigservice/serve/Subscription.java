package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.Fingerprint;
import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One resource type on one stream: what the client asked for, what it holds, and the answer it has
 * yet to acknowledge, of which there is at most one. Not thread-safe.
 */
abstract sealed class Subscription permits SetSubscription, ByNameSubscription {
  /** Asks for all there is (xDS protocol, "Wildcard subscriptions"). */
  static final String WILDCARD = "*";

  private final XdsType type;
  private boolean begun;
  private boolean everNamed;
  private Set<String> wanted = Set.of();
  private @Nullable Resumption resumption;
  private ResourceSet held = ResourceSet.EMPTY;
  private @Nullable Answer unacknowledged;
  private String lastNonce = "";
  private String versionSent = "";
  private String versionAcked = "";
  private String lastError = "";

  /** What the client refused, and that is not sent again. */
  record Parked(Fingerprint version, long revision, String error) {}

  Subscription(XdsType type) {
    this.type = type;
  }

  /**
   * The client asks for exactly these from now on.
   *
   * @param again of these it wants to be told although it asked for them before
   */
  abstract void subscribe(Set<String> names, Set<String> again);

  /** Everything has to be sent: it is not known what the client holds. */
  abstract void needEverything();

  /** What of the snapshot the client holds if it holds all it subscribes to. */
  abstract ResourceSet expected(XdsSnapshot snapshot, Audience audience);

  /**
   * The client came back with what it now {@linkplain #held holds}.
   *
   * @param gone what it has as well, and that is no more
   */
  abstract void resumed(Set<String> gone);

  abstract void accepted(Answer answer);

  abstract void refused(Answer answer, String error);

  /** The answer is not acknowledged, and never will be: what is in it is yet to be sent. */
  abstract void overtaken(Answer answer);

  /** Whether the client has, or has refused, all that it is to have. */
  abstract boolean settled(XdsSnapshot snapshot, Audience audience);

  abstract Collection<Parked> refusals();

  /** Why the client does not take a resource as it is to have it; null: it does not refuse it. */
  abstract @Nullable Parked refusalOf(
      String name, @Nullable XdsResource resource, ResourceSet expected);

  /** The first request of the client. */
  final void begin(Resumption with) {
    begun = true;
    resumption = with;
  }

  /** The client asks for all there is, without saying so: it has given no name yet. */
  final void askForAll() {
    wanted = Set.of(WILDCARD);
    subscribe(wanted, Set.of());
  }

  /**
   * The client asks for exactly these from now on, {@link #WILDCARD} included.
   *
   * @param again of these it wants to be told although it asked for them before
   */
  final void ask(Set<String> names, Set<String> again) {
    if (resumption instanceof Resumption.Each had) {
      had.versions().keySet().removeAll(again);
    }
    everNamed = true;
    wanted = names;
    subscribe(wanted, again);
  }

  /** The client's word about an answer; about any but the last one it is too late: ignored. */
  final void acknowledge(String nonce, @Nullable String error) {
    Answer answer = unacknowledged;
    if (answer == null || !nonce.equals(answer.nonce())) {
      return;
    }
    unacknowledged = null;
    if (error == null) {
      lastError = "";
      versionAcked = answer.version();
      held = answer.after();
      accepted(answer);
    } else {
      lastError = error;
      refused(answer, error);
    }
  }

  /**
   * To be called once there is a snapshot. What a client comes back with and is the same here it
   * has already.
   */
  final void resume(XdsSnapshot snapshot, Audience audience) {
    Resumption with = resumption;
    resumption = null;
    switch (with) {
      case null -> {}
      case Resumption.Whole(String version) -> {
        ResourceSet expected = expected(snapshot, audience);
        if (version.equals(expected.fingerprint().toString())) {
          resumed(expected, Set.of());
        } else {
          needEverything();
        }
      }
      case Resumption.Each(Map<String, String> versions) -> {
        ResourceSet expected = expected(snapshot, audience);
        ResourceSet same = ResourceSet.EMPTY;
        Set<String> gone = new HashSet<>();
        for (Map.Entry<String, String> had : versions.entrySet()) {
          @Nullable XdsResource resource = expected.get(had.getKey());
          if (resource == null) {
            gone.add(had.getKey());
          } else if (had.getValue().equals(resource.version().toString())) {
            same = same.with(resource);
          }
        }
        if (!versions.isEmpty()) {
          resumed(same, gone);
        }
      }
    }
  }

  private void resumed(ResourceSet has, Set<String> gone) {
    held = has;
    versionAcked = has.fingerprint().toString();
    versionSent = versionAcked;
    resumed(gone);
  }

  /** What to send now counts as sent. */
  final Answer send(
      Answer.Content content, ResourceSet after, long revision, String nonce, long now) {
    versionSent = after.fingerprint().toString();
    lastNonce = nonce;
    unacknowledged = new Answer(type, content, after, versionSent, revision, nonce, now);
    return unacknowledged;
  }

  /** To be called before the next answer is made: one that was not acknowledged is void. */
  final void overtake() {
    if (unacknowledged != null) {
      Answer answer = unacknowledged;
      unacknowledged = null;
      overtaken(answer);
    }
  }

  /** The client gave these up, so it is not known whether it still has them. */
  final void forget(Collection<String> names) {
    for (String name : names) {
      held = held.without(name);
    }
    if (unacknowledged != null) {
      unacknowledged = unacknowledged.withoutEffectOn(names);
    }
  }

  final XdsType type() {
    return type;
  }

  /** Whether the client ever asked for this type. */
  final boolean begun() {
    return begun;
  }

  /** Whether the client ever gave a name. */
  final boolean everNamed() {
    return everNamed;
  }

  /** What the client last asked for, {@link #WILDCARD} included. */
  final Set<String> wanted() {
    return wanted;
  }

  /** Of the last answer; empty: there was none. */
  final String lastNonce() {
    return lastNonce;
  }

  /** What the client has acknowledged. */
  final ResourceSet held() {
    return held;
  }

  /** What the client holds once it has accepted all that was sent. */
  final ResourceSet sent() {
    return unacknowledged == null ? held : unacknowledged.after();
  }

  final @Nullable Answer unacknowledged() {
    return unacknowledged;
  }

  /** What the client has of all that it asked for, in order of names. */
  final List<ResourceState> resources(XdsSnapshot snapshot, Audience audience) {
    ResourceSet expected = expected(snapshot, audience);
    Set<String> names = new TreeSet<>(expected.byName().keySet());
    names.addAll(held.byName().keySet());
    names.addAll(wanted);
    names.remove(WILDCARD);
    List<ResourceState> states = new ArrayList<>();
    for (String name : names) {
      @Nullable XdsResource resource = expected.get(name);
      @Nullable Parked refusal = refusalOf(name, resource, expected);
      states.add(
          new ResourceState(
              type, name, progress(name, resource, refusal), held.get(name), resource, refusal));
    }
    return states;
  }

  private ResourceState.Progress progress(
      String name, @Nullable XdsResource resource, @Nullable Parked refusal) {
    if (Objects.equals(resource, held.get(name))) {
      return ResourceState.Progress.HAD;
    }
    if (refusal != null) {
      return ResourceState.Progress.REFUSED;
    }
    return Objects.equals(resource, sent().get(name))
        ? ResourceState.Progress.NOT_ACKNOWLEDGED
        : ResourceState.Progress.NOT_SENT;
  }

  final ProxyStatus.Type status() {
    return new ProxyStatus.Type(type, versionSent, versionAcked, lastError);
  }
}
