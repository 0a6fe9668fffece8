package io.openneg.proxyconfigservice.serve;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.openneg.proxyconfigservice.xds.Fingerprint;
import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One resource type on one state-of-the-world stream: what the client asked for, what it holds, and
 * the answer it has yet to acknowledge, of which there is at most one. Not thread-safe.
 */
abstract sealed class Subscription permits WholeSetSubscription, ByNameSubscription {
  private final XdsType type;
  private boolean begun;
  private @Nullable String resumedVersion;
  private ResourceSet held = ResourceSet.EMPTY;
  private @Nullable Answer unacknowledged;
  private String lastNonce = "";
  private String versionSent = "";
  private String versionAcked = "";
  private String lastError = "";

  /**
   * @param resources what is in it
   * @param after what the client holds once it has accepted it
   * @param revision of the routing table that it comes from
   */
  record Answer(
      Collection<XdsResource> resources,
      ResourceSet after,
      long revision,
      String nonce,
      long sentAt) {}

  /** What the client refused, and that is not sent again. */
  record Parked(Fingerprint version, long revision, String error) {}

  Subscription(XdsType type) {
    this.type = type;
  }

  /** The client asks for exactly these from now on. */
  abstract void subscribe(List<String> names, boolean first);

  /** Everything has to be sent: it is not known what the client holds. */
  abstract void needEverything();

  /** What of the snapshot the client holds if it holds all it subscribes to. */
  abstract ResourceSet expected(XdsSnapshot snapshot, Audience audience);

  /** The client came back with all it subscribes to; what does not exist may be unanswered. */
  abstract void resumed(XdsSnapshot snapshot, Audience audience);

  abstract void accepted(Answer answer);

  abstract void refused(Answer answer, String error);

  /** Whether the client has, or has refused, all that it is to have. */
  abstract boolean settled(XdsSnapshot snapshot, Audience audience);

  abstract Collection<Parked> refusals();

  /** A request of the client. A response nonce other than the last one's is stale: ignored. */
  final void receive(DiscoveryRequest request) {
    if (!begun) {
      begun = true;
      resumedVersion = request.getVersionInfo();
      subscribe(request.getResourceNamesList(), true);
      return;
    }
    String nonce = request.getResponseNonce();
    if (!nonce.isEmpty() && !lastNonce.isEmpty() && !nonce.equals(lastNonce)) {
      return;
    }
    if (unacknowledged != null && nonce.equals(lastNonce)) {
      Answer answer = unacknowledged;
      unacknowledged = null;
      if (request.hasErrorDetail()) {
        lastError = request.getErrorDetail().getMessage();
        refused(answer, lastError);
      } else {
        lastError = "";
        versionAcked = versionSent;
        held = answer.after();
        accepted(answer);
      }
    }
    subscribe(request.getResourceNamesList(), false);
  }

  /**
   * To be called once there is a snapshot. A client that comes back with the very set that it would
   * be sent has it already.
   */
  final void resume(XdsSnapshot snapshot, Audience audience) {
    if (resumedVersion == null) {
      return;
    }
    ResourceSet expected = expected(snapshot, audience);
    if (resumedVersion.equals(expected.fingerprint().toString())) {
      held = expected;
      versionAcked = resumedVersion;
      versionSent = resumedVersion;
      resumed(snapshot, audience);
    } else {
      needEverything();
    }
    resumedVersion = null;
  }

  /** The message of an answer, which counts as sent from now on. */
  final DiscoveryResponse send(
      Collection<XdsResource> resources, ResourceSet after, long revision, String nonce, long now) {
    unacknowledged = new Answer(List.copyOf(resources), after, revision, nonce, now);
    lastNonce = nonce;
    versionSent = after.fingerprint().toString();
    List<Any> bodies = resources.stream().map(XdsResource::body).toList();
    return DiscoveryResponse.newBuilder()
        .setTypeUrl(type.typeUrl())
        .setVersionInfo(versionSent)
        .setNonce(nonce)
        .addAllResources(bodies)
        .build();
  }

  /** The client gave these up, so it is not known whether it still has them. */
  final void forget(Collection<String> names) {
    for (String name : names) {
      held = held.without(name);
    }
  }

  final XdsType type() {
    return type;
  }

  /** Whether the client ever asked for this type. */
  final boolean begun() {
    return begun;
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

  final ProxyStatus.Type status() {
    return new ProxyStatus.Type(type, versionSent, versionAcked, lastError);
  }
}
