package io.openneg.backendservice.apply;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.openneg.serviceruntime.api.Violations;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads messages from YAML: fields in lowerCamelCase or snake_case, enums by name, durations as in
 * JSON ("1.5s"); null is not given. Of one document.
 */
final class YamlMessages {
  /** What aliases may blow a document up to. */
  private static final int MAX_NODES = 200_000;

  private static final int MAX_DEPTH = 50;

  private final Violations faults;
  private int nodes;

  /**
   * @param faults gets everything that is wrong, with path, line and column
   */
  YamlMessages(Violations faults) {
    this.faults = faults;
  }

  void read(Node node, Message.Builder into) {
    message(node, into, "", 0);
  }

  private boolean check(boolean holds, Node node, String path, String rule) {
    return faults.check(
        holds,
        path.isEmpty() ? "document" : path,
        "%s (line %d, column %d)"
            .formatted(
                rule, node.getStartMark().getLine() + 1, node.getStartMark().getColumn() + 1));
  }

  private void message(Node node, Message.Builder into, String path, int depth) {
    nodes++;
    if (nodes == MAX_NODES || depth == MAX_DEPTH) {
      check(false, node, path, "is too large, or nested too deep");
    }
    if (nodes >= MAX_NODES || depth >= MAX_DEPTH) {
      return;
    }
    if (!(node instanceof MappingNode mapping)) {
      check(false, node, path, "must be a mapping of fields");
      return;
    }
    Set<FieldDescriptor> seen = new HashSet<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      String at = path.isEmpty() ? key : path + "." + key;
      Optional<FieldDescriptor> found =
          into.getDescriptorForType().getFields().stream()
              .filter(f -> f.getName().equals(key) || f.getJsonName().equals(key))
              .findFirst();
      if (!check(found.isPresent(), tuple.getKeyNode(), at, "is not a field")) {
        continue;
      }
      FieldDescriptor field = found.get();
      at = path.isEmpty() ? field.getName() : path + "." + field.getName();
      if (check(seen.add(field), tuple.getKeyNode(), at, "must be given once")) {
        field(tuple.getValueNode(), field, into, at, depth);
      }
    }
  }

  private void field(
      Node node, FieldDescriptor field, Message.Builder into, String path, int depth) {
    if (node.getTag().equals(Tag.NULL)) {
      return;
    }
    if (!field.isRepeated()) {
      value(node, field, into, path, depth).ifPresent(value -> into.setField(field, value));
    } else if (node instanceof SequenceNode list) {
      List<Node> items = list.getValue();
      for (int i = 0; i < items.size(); i++) {
        value(items.get(i), field, into, "%s[%d]".formatted(path, i), depth)
            .ifPresent(value -> into.addRepeatedField(field, value));
      }
    } else {
      check(false, node, path, "must be a list");
    }
  }

  private Optional<Object> value(
      Node node, FieldDescriptor field, Message.Builder into, String path, int depth) {
    boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    if (message && field.getMessageType().getFullName().startsWith("openneg.")) {
      Message.Builder inner = into.newBuilderForField(field);
      message(node, inner, path, depth + 1);
      return Optional.of(inner.build());
    }
    if (!(node instanceof ScalarNode scalar)) {
      check(false, node, path, "must be a single value");
      return Optional.empty();
    }
    String text = scalar.getValue();
    try {
      return Optional.of(
          message ? wellKnown(text, into.newBuilderForField(field)) : scalar(text, field));
    } catch (IllegalArgumentException | InvalidProtocolBufferException _) {
      check(false, node, path, "must be %s, is '%s'".formatted(form(field), text));
      return Optional.empty();
    }
  }

  private static Message wellKnown(String text, Message.Builder builder)
      throws InvalidProtocolBufferException {
    if (text.indexOf('"') >= 0 || text.indexOf('\\') >= 0) {
      throw new IllegalArgumentException(text);
    }
    JsonFormat.parser().merge("\"" + text + "\"", builder);
    return builder.build();
  }

  private static Object scalar(String text, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT -> Integer.valueOf(text);
      case LONG -> Long.parseUnsignedLong(text);
      case FLOAT -> finite(Float.valueOf(text));
      case DOUBLE -> finite(Double.valueOf(text));
      case BOOLEAN -> bool(text);
      case STRING -> text;
      case ENUM -> constant(text, field);
      case BYTE_STRING, MESSAGE -> throw new IllegalArgumentException(field.getFullName());
    };
  }

  private static <N extends Number> N finite(N number) {
    if (!Double.isFinite(number.doubleValue())) {
      throw new IllegalArgumentException(number.toString());
    }
    return number;
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static EnumValueDescriptor constant(String text, FieldDescriptor field) {
    EnumValueDescriptor constant = field.getEnumType().findValueByName(text);
    if (constant == null) {
      throw new IllegalArgumentException(text);
    }
    return constant;
  }

  private static String form(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT, LONG -> "a whole number";
      case FLOAT, DOUBLE -> "a number";
      case BOOLEAN -> "true or false";
      case STRING, BYTE_STRING -> "text";
      case ENUM ->
          "one of "
              + field.getEnumType().getValues().stream()
                  .skip(1)
                  .map(EnumValueDescriptor::getName)
                  .toList();
      case MESSAGE -> "a " + field.getMessageType().getName() + " as JSON has it";
    };
  }
}
