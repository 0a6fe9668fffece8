package io.openneg.backendservice.apply;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.openneg.backend.v1.FieldChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** In which fields two states of a resource differ. Pure. */
final class FieldDifferences {
  private static final Set<String> NOT_COMPARED =
      Set.of("name", "id", "creation_timestamp", "change_token", "fingerprint");
  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private final List<FieldChange> found = new ArrayList<>();

  private FieldDifferences() {}

  /**
   * Every field that differs, in order of the message, by its innermost path. Output-only fields do
   * not count.
   */
  static <M extends Message> List<FieldChange> between(M before, M after) {
    FieldDifferences differences = new FieldDifferences();
    for (FieldDescriptor field : before.getDescriptorForType().getFields()) {
      if (!NOT_COMPARED.contains(field.getName())) {
        differences.field(field.getName(), field, before, after);
      }
    }
    return List.copyOf(differences.found);
  }

  private void field(String path, FieldDescriptor field, Message before, Message after) {
    if (field.isRepeated()) {
      int old = before.getRepeatedFieldCount(field);
      int now = after.getRepeatedFieldCount(field);
      for (int i = 0; i < Math.max(old, now); i++) {
        value(
            "%s[%d]".formatted(path, i),
            field,
            i < old ? before.getRepeatedField(field, i) : null,
            i < now ? after.getRepeatedField(field, i) : null);
      }
    } else {
      value(path, field, given(before, field), given(after, field));
    }
  }

  /** A field without presence is not given when it has its default. */
  private static @Nullable Object given(Message message, FieldDescriptor field) {
    return message.hasField(field) ? message.getField(field) : null;
  }

  private void value(
      String path, FieldDescriptor field, @Nullable Object before, @Nullable Object after) {
    Message given = before instanceof Message old ? old : after instanceof Message now ? now : null;
    if (given == null || !isOurs(given)) {
      if (!Objects.equals(before, after)) {
        change(path, before, after);
      }
      return;
    }
    Message none = given.getDefaultInstanceForType();
    Message old = before instanceof Message m ? m : none;
    Message now = after instanceof Message m ? m : none;
    int known = found.size();
    for (FieldDescriptor inner : field.getMessageType().getFields()) {
      field(path + "." + inner.getName(), inner, old, now);
    }
    if (found.size() == known && (before == null) != (after == null)) {
      // Nothing in it, but its presence says something.
      change(path, before, after);
    }
  }

  /** Others, such as durations, are one value. */
  private static boolean isOurs(Message message) {
    return message.getDescriptorForType().getFullName().startsWith("openneg.");
  }

  private void change(String path, @Nullable Object before, @Nullable Object after) {
    FieldChange.Builder change = FieldChange.newBuilder().setField(path);
    if (before != null) {
      change.setOldValue(text(before));
    }
    if (after != null) {
      change.setNewValue(text(after));
    }
    found.add(change.build());
  }

  private static String text(Object value) {
    if (value instanceof EnumValueDescriptor constant) {
      return constant.getName();
    }
    if (!(value instanceof Message message)) {
      return value.toString();
    }
    try {
      String json = JSON.print(message);
      return json.startsWith("\"") ? json.substring(1, json.length() - 1) : json;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message of the resource cannot be JSON", e);
    }
  }
}
