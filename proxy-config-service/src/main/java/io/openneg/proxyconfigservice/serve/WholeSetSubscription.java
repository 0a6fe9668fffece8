package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.Fingerprint;
import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * State of the world: an answer is everything the client subscribes to, what is not in it is gone,
 * and it is accepted or refused as a whole.
 */
final class WholeSetSubscription extends SetSubscription {
  private boolean mustAnswer;
  private @Nullable Parked parked;

  WholeSetSubscription(XdsType type) {
    super(type);
  }

  @Override
  void asked(Set<String> added, Set<String> again, boolean toAll) {
    // Whoever asks anew gets an answer, and be it that there is nothing.
    mustAnswer |= toAll || (!wildcard() && !added.isEmpty());
  }

  @Override
  void needEverything() {
    mustAnswer = true;
  }

  @Override
  void resumed(Set<String> gone) {
    // A name that does not exist may never have been answered.
    mustAnswer = !names().stream().allMatch(name -> held().get(name) != null);
  }

  @Override
  void accepted(Answer answer) {
    parked = null;
  }

  @Override
  void refused(Answer answer, String error) {
    parked = new Parked(answer.after().fingerprint(), answer.revision(), error);
  }

  @Override
  void overtaken(Answer answer) {
    // The next one has everything in it.
  }

  @Override
  Collection<Parked> refusals() {
    return parked == null ? List.of() : List.of(parked);
  }

  @Override
  @Nullable Parked refusalOf(String name, @Nullable XdsResource resource, ResourceSet expected) {
    return isParked(expected.fingerprint()) ? parked : null;
  }

  private boolean isParked(Fingerprint set) {
    return parked != null && set.equals(parked.version());
  }

  @Override
  boolean needsAnswer(ResourceSet target) {
    return mustAnswer
        || (!target.fingerprint().equals(sent().fingerprint()) && !isParked(target.fingerprint()));
  }

  @Override
  Answer.Content answer(ResourceSet target) {
    mustAnswer = false;
    return new Answer.Content(List.copyOf(target.byName().values()), List.of());
  }

  @Override
  boolean settled(XdsSnapshot snapshot, Audience audience) {
    Fingerprint expected = expected(snapshot, audience).fingerprint();
    return !begun()
        || (!mustAnswer
            && unacknowledged() == null
            && (expected.equals(held().fingerprint()) || isParked(expected)));
  }
}
