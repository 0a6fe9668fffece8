package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A resource as it goes out, serialized once for all streams. Immutable.
 *
 * @param refs names of what it points to: a listener to its route configuration, a route
 *     configuration to its clusters
 * @param version the hash of the content
 * @param fingerprint of name and version, for the fingerprint of a set
 */
public record XdsResource(
    XdsType type,
    String name,
    Any body,
    Set<String> refs,
    Fingerprint version,
    Fingerprint fingerprint) {

  /**
   * @throws IllegalArgumentException when proxies would refuse it ({@link EnvoyRules})
   */
  static XdsResource of(XdsType type, String name, Message message, Set<String> refs) {
    return of(type, name, Packed.any(message), refs);
  }

  static XdsResource of(XdsType type, String name, Any body, Set<String> refs) {
    if (!body.getTypeUrl().equals(type.typeUrl())) {
      throw new IllegalArgumentException(body.getTypeUrl() + " is not a " + type);
    }
    Fingerprint version = Fingerprint.of(body.getValue());
    return new XdsResource(
        type, name, body, Set.copyOf(refs), version, Fingerprint.of(name, version));
  }

  /** The version stands for the content, so comparing is cheap. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof XdsResource that && fingerprint.equals(that.fingerprint);
  }

  @Override
  public int hashCode() {
    return fingerprint.hashCode();
  }
}
