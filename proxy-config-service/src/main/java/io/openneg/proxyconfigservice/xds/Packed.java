package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.openneg.proxyconfigservice.routing.CanonicalBytes;

/** Messages within messages, with canonical bytes. */
final class Packed {
  private static final String TYPE_URL_PREFIX = "type.googleapis.com/";

  private Packed() {}

  /**
   * @throws IllegalArgumentException when proxies would refuse it ({@link EnvoyRules})
   */
  static Any any(Message message) {
    EnvoyRules.check(message);
    return unchecked(message);
  }

  /** For a message that keeps Envoy's rules already. */
  static Any unchecked(Message message) {
    return Any.newBuilder()
        .setTypeUrl(TYPE_URL_PREFIX + message.getDescriptorForType().getFullName())
        .setValue(CanonicalBytes.of(message))
        .build();
  }
}
