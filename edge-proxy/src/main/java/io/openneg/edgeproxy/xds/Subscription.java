package io.openneg.edgeproxy.xds;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.openneg.edgeproxy.config.ResourceType;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the client has to say about one resource type, by the rules of the state-of-the-world
 * protocol: version_info is the last version that was accepted as a whole, it outlives the stream;
 * the nonce is that of the last response, it does not. Not thread-safe.
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

  /** The first request on a new stream, or null when there is nothing to ask for. */
  @Nullable DiscoveryRequest open() {
    nonce = "";
    requested = type.wildcard() || !names.isEmpty();
    return requested ? request().build() : null;
  }

  /**
   * Changes the names that are subscribed to.
   *
   * @return the request that tells so, or null when there is nothing to tell
   */
  @Nullable DiscoveryRequest subscribe(Set<String> wanted, boolean streamOpen) {
    if (names.equals(wanted)) {
      return null;
    }
    names.clear();
    names.addAll(wanted);
    // An empty list in the first request would ask for everything.
    if (!streamOpen || (!requested && names.isEmpty())) {
      return null;
    }
    requested = true;
    return request().build();
  }

  DiscoveryRequest ack(String version, String nonce) {
    this.version = version;
    this.nonce = nonce;
    return request().build();
  }

  DiscoveryRequest nack(String nonce, String reason) {
    this.nonce = nonce;
    return request()
        .setErrorDetail(Status.newBuilder().setCode(Code.INVALID_ARGUMENT_VALUE).setMessage(reason))
        .build();
  }

  /** Takes a version as accepted without a word to the server. */
  void accept(String version) {
    this.version = version;
  }

  private DiscoveryRequest.Builder request() {
    return DiscoveryRequest.newBuilder()
        .setTypeUrl(type.typeUrl())
        .setVersionInfo(version)
        .setResponseNonce(nonce)
        .addAllResourceNames(names);
  }

  Set<String> names() {
    return names;
  }

  String version() {
    return version;
  }
}
