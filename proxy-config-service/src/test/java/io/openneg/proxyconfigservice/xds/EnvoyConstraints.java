package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** {@link EnvoyRules} of a message and of all that is packed in it. */
final class EnvoyConstraints {
  private EnvoyConstraints() {}

  /**
   * @param types what {@code Any} fields may hold
   * @return what is wrong, with the path of the field
   */
  static List<String> violations(Message message, TypeRegistry types) {
    List<String> violations = new ArrayList<>(EnvoyRules.violations(message));
    addPacked(message, types, violations);
    return violations;
  }

  private static void addPacked(Message message, TypeRegistry types, List<String> violations) {
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                for (Object one : field.isRepeated() ? (Collection<?>) value : List.of(value)) {
                  Message inner = (Message) one;
                  if (inner.getDescriptorForType().getFullName().equals("google.protobuf.Any")) {
                    violations.addAll(violations(unpacked(inner, types), types));
                  } else {
                    addPacked(inner, types, violations);
                  }
                }
              }
            });
  }

  private static Message unpacked(Message any, TypeRegistry types) {
    var type = any.getDescriptorForType();
    String url = (String) any.getField(type.findFieldByNumber(Any.TYPE_URL_FIELD_NUMBER));
    ByteString value = (ByteString) any.getField(type.findFieldByNumber(Any.VALUE_FIELD_NUMBER));
    try {
      var descriptor = types.getDescriptorForTypeUrl(url);
      if (descriptor == null) {
        throw new AssertionError("unknown type " + url);
      }
      return DynamicMessage.parseFrom(descriptor, value);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(url, e);
    }
  }
}
