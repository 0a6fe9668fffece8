package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The one serialization of a message: equal messages have equal bytes on every replica. */
public final class Canonical {
  private static final String TYPE_URL_PREFIX = "type.googleapis.com/";

  private Canonical() {}

  /** Bytes with map entries in order of their keys, which protobuf leaves open otherwise. */
  public static ByteString bytes(Message message) {
    ByteString.Output out = ByteString.newOutput(message.getSerializedSize());
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    coded.useDeterministicSerialization();
    try {
      message.writeTo(coded);
      coded.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteString();
  }

  static Any pack(Message message) {
    return Any.newBuilder()
        .setTypeUrl(TYPE_URL_PREFIX + message.getDescriptorForType().getFullName())
        .setValue(bytes(message))
        .build();
  }
}
