package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import io.envoyproxy.pgv.validate.Validate;
import io.envoyproxy.pgv.validate.Validate.BytesRules;
import io.envoyproxy.pgv.validate.Validate.DoubleRules;
import io.envoyproxy.pgv.validate.Validate.DurationRules;
import io.envoyproxy.pgv.validate.Validate.FieldRules;
import io.envoyproxy.pgv.validate.Validate.KnownRegex;
import io.envoyproxy.pgv.validate.Validate.RepeatedRules;
import io.envoyproxy.pgv.validate.Validate.StringRules;
import io.envoyproxy.pgv.validate.Validate.UInt32Rules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Checks messages against Envoy's own rules, the {@code validate.rules} options of their
 * descriptors: everything Envoy's files say about strings, numbers, durations, enums, lists, maps,
 * required messages and oneofs that our resources use. A rule of a kind it does not know is a
 * fault, so none is skipped unseen.
 */
final class EnvoyConstraints {
  private final TypeRegistry types;
  private final List<String> violations = new ArrayList<>();

  private EnvoyConstraints(TypeRegistry types) {
    this.types = types;
  }

  /**
   * @param types what {@code Any} fields may hold
   * @return what is wrong, with the path of the field
   */
  static List<String> violations(Message message, TypeRegistry types) {
    EnvoyConstraints constraints = new EnvoyConstraints(types);
    constraints.check(message, message.getDescriptorForType().getName());
    return constraints.violations;
  }

  private void check(Message message, String path) {
    if (message.getDescriptorForType().getFullName().equals(Any.getDescriptor().getFullName())) {
      check(unpacked(message), path);
      return;
    }
    for (OneofDescriptor oneof : message.getDescriptorForType().getRealOneofs()) {
      if (oneof.getOptions().getExtension(Validate.required) && !message.hasOneof(oneof)) {
        violations.add(path + ": one of " + oneof.getName() + " is required");
      }
    }
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      String at = path + "." + field.getName();
      FieldRules rules = field.getOptions().getExtension(Validate.rules);
      if (field.isRepeated()) {
        checkList((Collection<?>) message.getField(field), field, rules, at);
      } else if (field.hasPresence() && !message.hasField(field)) {
        boolean required =
            rules.getMessage().getRequired()
                || rules.getDuration().getRequired()
                || rules.getAny().getRequired();
        // Within a oneof it means: not empty when it is the one.
        if (required && field.getRealContainingOneof() == null) {
          violations.add(at + " is required");
        }
      } else {
        checkValue(message.getField(field), rules, at);
      }
    }
  }

  private Message unpacked(Message any) {
    var type = any.getDescriptorForType();
    String url = (String) any.getField(type.findFieldByName("type_url"));
    ByteString value = (ByteString) any.getField(type.findFieldByName("value"));
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

  private void checkList(Collection<?> list, FieldDescriptor field, FieldRules rules, String path) {
    RepeatedRules repeated = rules.getRepeated();
    require(list.size() >= repeated.getMinItems(), path, "has too few items");
    require(list.size() >= rules.getMap().getMinPairs(), path, "has too few entries");
    require(!repeated.hasMaxItems() || list.size() <= repeated.getMaxItems(), path, "is too long");
    FieldRules itemRules =
        field.isMapField() ? FieldRules.getDefaultInstance() : repeated.getItems();
    int n = 0;
    for (Object item : list) {
      checkValue(item, itemRules, path + "[" + n++ + "]");
    }
  }

  private void checkValue(Object value, FieldRules rules, String path) {
    switch (rules.getTypeCase()) {
      case STRING -> checkString((String) value, rules.getString(), path);
      case UINT32 -> checkUInt32(Integer.toUnsignedLong(number(value)), rules.getUint32(), path);
      case DURATION -> checkDuration(value, rules.getDuration(), path);
      case ENUM -> {
        EnumValueDescriptor constant = (EnumValueDescriptor) value;
        require(
            !rules.getEnum().getDefinedOnly() || constant.getIndex() >= 0, path, "is not defined");
        require(
            !rules.getEnum().getNotInList().contains(constant.getNumber()), path, "is forbidden");
      }
      case DOUBLE -> {
        double number = (Double) value;
        DoubleRules range = rules.getDouble();
        require(!range.hasGte() || number >= range.getGte(), path, "is too small");
        require(!range.hasLte() || number <= range.getLte(), path, "is too big");
      }
      case BYTES -> {
        int size = ((ByteString) value).size();
        BytesRules range = rules.getBytes();
        require(Long.compareUnsigned(size, range.getMinLen()) >= 0, path, "is too short");
        require(
            !range.hasMaxLen() || Long.compareUnsigned(size, range.getMaxLen()) <= 0,
            path,
            "is too long");
      }
      case ANY, MAP, REPEATED, TYPE_NOT_SET -> {}
      default -> throw new AssertionError(path + ": no check for " + rules);
    }
    if (value instanceof Message message && !rules.getMessage().getSkip()) {
      check(message, path);
    }
  }

  private void require(boolean holds, String path, String otherwise) {
    if (!holds) {
      violations.add(path + " " + otherwise);
    }
  }

  /** A number, maybe in a wrapper. */
  private static int number(Object value) {
    return (Integer)
        (value instanceof Message wrapper
            ? wrapper.getField(wrapper.getDescriptorForType().findFieldByName("value"))
            : value);
  }

  private void checkString(String value, StringRules rules, String path) {
    if (rules.getIgnoreEmpty() && value.isEmpty()) {
      return;
    }
    require(value.length() >= rules.getMinLen(), path, "is too short");
    require(value.length() >= rules.getMinBytes(), path, "is too short");
    require(!rules.hasMaxBytes() || value.length() <= rules.getMaxBytes(), path, "is too long");
    require(
        rules.getInCount() == 0 || rules.getInList().contains(value), path, "is not in the list");
    require(value.startsWith(rules.getPrefix()), path, "has the wrong prefix");
    require(!rules.hasPattern() || value.matches(rules.getPattern()), path, "does not match");
    require(
        rules.getWellKnownRegex() == KnownRegex.UNKNOWN
            || value.chars().noneMatch(c -> c == '\r' || c == '\n' || c == 0),
        path,
        "is no header text");
  }

  private void checkUInt32(long value, UInt32Rules rules, String path) {
    require(!rules.hasGte() || value >= Integer.toUnsignedLong(rules.getGte()), path, "too small");
    require(!rules.hasGt() || value > Integer.toUnsignedLong(rules.getGt()), path, "too small");
    require(!rules.hasLte() || value <= Integer.toUnsignedLong(rules.getLte()), path, "too big");
    require(!rules.hasLt() || value < Integer.toUnsignedLong(rules.getLt()), path, "too big");
  }

  private void checkDuration(Object value, DurationRules rules, String path) {
    Message duration = (Message) value;
    long nanos = nanos(duration);
    require(!rules.hasGt() || nanos > nanos(rules.getGt()), path, "is too short");
    require(!rules.hasGte() || nanos >= nanos(rules.getGte()), path, "is too short");
    require(!rules.hasLt() || nanos < nanos(rules.getLt()), path, "is too long");
  }

  private static long nanos(Message duration) {
    var type = duration.getDescriptorForType();
    return (Long) duration.getField(type.findFieldByName("seconds")) * 1_000_000_000L
        + (Integer) duration.getField(type.findFieldByName("nanos"));
  }
}
