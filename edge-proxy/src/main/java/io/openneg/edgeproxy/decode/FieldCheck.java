package io.openneg.edgeproxy.decode;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks for fields that are set and not supported, in messages of one type. It asks for these
 * alone: an assignment may hold 10,000 endpoints, each of four messages, and to list the fields
 * that are set would cost more than all the rest. Thread-safe.
 */
final class FieldCheck {

  private static final Map<Descriptor, FieldCheck> BY_TYPE = new ConcurrentHashMap<>();

  private final List<FieldDescriptor> refused = new ArrayList<>();
  private final List<FieldDescriptor> nested = new ArrayList<>();
  private final boolean plainValue;

  private FieldCheck(Descriptor type) {
    Set<String> allowed = SupportedFields.of(type.getFullName());
    // Without an entry: a Duration, a wrapper, metadata or an Any.
    plainValue = allowed == null;
    if (allowed != null) {
      for (FieldDescriptor field : type.getFields()) {
        if (!allowed.contains(field.getName())) {
          refused.add(field);
        } else if (isMessage(field) && SupportedFields.of(messageName(field)) != null) {
          nested.add(field);
        }
      }
    }
  }

  private static boolean isMessage(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
  }

  private static String messageName(FieldDescriptor field) {
    return field.getMessageType().getFullName();
  }

  private void apply(Message message) {
    if (plainValue) {
      return;
    }
    if (!message.getUnknownFields().asMap().isEmpty()) {
      throw new InvalidField(
          "#" + message.getUnknownFields().asMap().keySet().iterator().next(), "unknown field");
    }
    for (FieldDescriptor field : refused) {
      if (isSet(message, field)) {
        throw new InvalidField(field.getName(), "not supported by this proxy");
      }
    }
    for (FieldDescriptor field : nested) {
      if (isSet(message, field)) {
        checkNested(message, field);
      }
    }
  }

  private static boolean isSet(Message message, FieldDescriptor field) {
    return field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field);
  }

  private static void checkNested(Message message, FieldDescriptor field) {
    FieldCheck check = of(field.getMessageType());
    if (!field.isRepeated()) {
      try {
        check.apply((Message) message.getField(field));
      } catch (InvalidField e) {
        throw e.within(field.getName());
      }
      return;
    }
    for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
      Message element = (Message) message.getRepeatedField(field, i);
      try {
        check.apply(element);
      } catch (InvalidField e) {
        throw e.within(field.getName() + "[" + i + "]");
      }
    }
  }

  /**
   * Checks a message and all within it, except what hides in an {@code Any}.
   *
   * @throws InvalidField when a field is set that is not supported
   */
  static void check(Message message) {
    of(message.getDescriptorForType()).apply(message);
  }

  private static FieldCheck of(Descriptor type) {
    return BY_TYPE.computeIfAbsent(type, FieldCheck::new);
  }
}
