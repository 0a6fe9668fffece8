package io.openneg.serviceruntime.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.eventlog.RejectedException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A field that a filter names, found once in the message's description. Its values are texts,
 * numbers, booleans and times, each comparable with its like.
 */
final class FilterField {
  private static final Pattern NAME =
      Pattern.compile("projects/([^/]+)/(?:zones/([^/]+)|regions/([^/]+)|global)/.*");

  private final String path;
  private final Kind kind;
  private final List<String> choices;
  private final Function<Message, Stream<Object>> values;

  private enum Kind {
    TEXT,
    CHOICE,
    NUMBER,
    BOOLEAN,
    TIME
  }

  private FilterField(
      String path, Kind kind, List<String> choices, Function<Message, Stream<Object>> values) {
    this.path = path;
    this.kind = kind;
    this.choices = choices;
    this.values = values;
  }

  static FilterField of(String path, Descriptor listed) {
    FieldDescriptor name = listed.findFieldByName("name");
    if (name != null && path.equals("name")) {
      return text(path, message -> withLastPart((String) message.getField(name)));
    }
    int group = List.of("project", "zone", "region").indexOf(path) + 1;
    if (name != null && group > 0 && field(listed, path) == null) {
      return text(path, message -> part((String) message.getField(name), group));
    }
    return of(path, path, listed, Stream::of);
  }

  /** Looks up the rest of a path in what the way to it leads to. */
  private static FilterField of(
      String path, String rest, Descriptor type, Function<Message, Stream<Message>> way) {
    int dot = rest.indexOf('.');
    FieldDescriptor field = field(type, dot < 0 ? rest : rest.substring(0, dot));
    if (field == null) {
      throw Filter.invalid(
          "names '%s', which is not a field of %s; there are %s"
              .formatted(
                  path,
                  type.getName(),
                  type.getFields().stream()
                      .map(FieldDescriptor::getName)
                      .collect(Collectors.joining(", "))));
    }
    String behind = dot < 0 ? "" : rest.substring(dot + 1);
    if (field.isMapField()) {
      return ofMap(path, behind, field, way);
    }
    if (field.getJavaType() == JavaType.MESSAGE && !isTime(field)) {
      if (behind.isEmpty()) {
        throw Filter.invalid("must name a field within '%s'".formatted(path));
      }
      return of(
          path,
          behind,
          field.getMessageType(),
          way.andThen(messages -> messages.flatMap(m -> set(m, field)).map(Message.class::cast)));
    }
    if (!behind.isEmpty()) {
      throw Filter.invalid(
          "names '%s', but '%s' has no fields within".formatted(path, field.getName()));
    }
    return new FilterField(
        path,
        kind(field),
        choices(field),
        way.andThen(
            messages -> messages.flatMap(m -> set(m, field)).map(v -> comparable(field, v))));
  }

  private static FilterField ofMap(
      String path, String key, FieldDescriptor field, Function<Message, Stream<Message>> way) {
    if (key.isEmpty()) {
      throw Filter.invalid("must name a key, as in '%s.key'".formatted(path));
    }
    FieldDescriptor value = field.getMessageType().findFieldByName("value");
    return new FilterField(
        path,
        kind(value),
        choices(value),
        way.andThen(
            messages ->
                messages
                    .flatMap(m -> set(m, field))
                    .map(entry -> (MapEntry<?, ?>) entry)
                    .filter(entry -> String.valueOf(entry.getKey()).equals(key))
                    .map(entry -> comparable(value, entry.getValue()))));
  }

  private static @Nullable FieldDescriptor field(Descriptor type, String name) {
    return type.getFields().stream()
        .filter(field -> field.getName().equals(name) || field.getJsonName().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** What is there of a field: each item; nothing when it is optional and absent. */
  private static Stream<?> set(Message message, FieldDescriptor field) {
    if (field.isRepeated()) {
      return ((List<?>) message.getField(field)).stream();
    }
    return field.hasPresence() && !message.hasField(field)
        ? Stream.empty()
        : Stream.of(message.getField(field));
  }

  private static FilterField text(String path, Function<Message, Stream<String>> values) {
    return new FilterField(
        path, Kind.TEXT, List.of(), values.andThen(texts -> texts.map(Object.class::cast)));
  }

  private static Stream<String> withLastPart(String name) {
    return Stream.of(name, name.substring(name.lastIndexOf('/') + 1));
  }

  private static Stream<String> part(String name, int group) {
    var matcher = NAME.matcher(name);
    return matcher.matches()
        ? Optional.ofNullable(matcher.group(group)).stream()
            .flatMap(id -> Stream.of(name.substring(0, matcher.end(group)), id))
        : Stream.empty();
  }

  private static Kind kind(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT, LONG, FLOAT, DOUBLE -> Kind.NUMBER;
      case BOOLEAN -> Kind.BOOLEAN;
      case ENUM -> Kind.CHOICE;
      case STRING, BYTE_STRING -> Kind.TEXT;
      case MESSAGE -> Kind.TIME;
    };
  }

  private static boolean isTime(FieldDescriptor field) {
    return field.getMessageType().getFullName().equals(Timestamp.getDescriptor().getFullName());
  }

  private static List<String> choices(FieldDescriptor field) {
    return field.getJavaType() == JavaType.ENUM
        ? field.getEnumType().getValues().stream().map(EnumValueDescriptor::getName).toList()
        : List.of();
  }

  private static Object comparable(FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case INT, LONG ->
          field.toProto().getType().name().contains("UINT")
              ? new BigDecimal(
                  value instanceof Integer i
                      ? Integer.toUnsignedString(i)
                      : Long.toUnsignedString((Long) value))
              : new BigDecimal(value.toString());
      // Through its shortest text: 0.8f is 0.8 to a reader.
      case FLOAT, DOUBLE -> new BigDecimal(value.toString());
      case BOOLEAN, STRING -> value;
      case ENUM -> value.toString();
      case BYTE_STRING -> Base64.getUrlEncoder().encodeToString(((ByteString) value).toByteArray());
      case MESSAGE -> time((Message) value);
    };
  }

  private static Instant time(Message time) {
    Descriptor type = time.getDescriptorForType();
    return Instant.ofEpochSecond(
        (Long) time.getField(type.findFieldByName("seconds")),
        (Integer) time.getField(type.findFieldByName("nanos")));
  }

  /** Everything the field has in a message; texts, numbers, booleans or times. */
  Stream<Object> values(Message message) {
    return values.apply(message);
  }

  static boolean isPresent(Object value) {
    return !value.equals("");
  }

  boolean isText() {
    return kind == Kind.TEXT;
  }

  /**
   * The value of a comparison, comparable with the field's.
   *
   * @throws RejectedException when no value of the field can be so
   */
  @SuppressWarnings("unchecked") // compared with values of the same field only
  Comparable<Object> read(String value) {
    return (Comparable<Object>)
        (Comparable<?>)
            switch (kind) {
              case TEXT -> value;
              case CHOICE -> {
                if (!choices.contains(value)) {
                  throw unfit("one of " + String.join(", ", choices), value);
                }
                yield value;
              }
              case NUMBER -> number(value);
              case BOOLEAN ->
                  switch (value) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw unfit("true or false", value);
                  };
              case TIME -> time(value);
            };
  }

  private BigDecimal number(String value) {
    // No exponents: comparing with 1e999999999 would take memory without end.
    if (!value.matches("-?[0-9]{1,40}(\\.[0-9]{1,40})?")) {
      throw unfit("a number", value);
    }
    return new BigDecimal(value);
  }

  private Instant time(String value) {
    try {
      return OffsetDateTime.parse(value).toInstant();
    } catch (DateTimeException _) {
      throw unfit("a time such as 2026-11-23T10:00:00Z", value);
    }
  }

  private RejectedException unfit(String form, String value) {
    return Filter.invalid("compares '%s' with '%s'; it must be %s".formatted(path, value, form));
  }

  @Override
  public String toString() {
    return path;
  }
}
