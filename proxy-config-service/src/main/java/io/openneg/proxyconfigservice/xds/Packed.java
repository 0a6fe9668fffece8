package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.openneg.proxyconfigservice.routing.CanonicalBytes;

/** Messages within messages, with canonical bytes. */
final class Packed {
  private static final String TYPE_URL_PREFIX = "type.googleapis.com/";

  private Packed() {}

  static Any any(Message message) {
    return Any.newBuilder()
        .setTypeUrl(TYPE_URL_PREFIX + message.getDescriptorForType().getFullName())
        .setValue(CanonicalBytes.of(message))
        .build();
  }
}
