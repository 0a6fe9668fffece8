package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import io.envoyproxy.pgv.validate.Validate;
import io.envoyproxy.pgv.validate.Validate.BytesRules;
import io.envoyproxy.pgv.validate.Validate.DoubleRules;
import io.envoyproxy.pgv.validate.Validate.DurationRules;
import io.envoyproxy.pgv.validate.Validate.FieldRules;
import io.envoyproxy.pgv.validate.Validate.KnownRegex;
import io.envoyproxy.pgv.validate.Validate.RepeatedRules;
import io.envoyproxy.pgv.validate.Validate.StringRules;
import io.envoyproxy.pgv.validate.Validate.UInt32Rules;
import io.envoyproxy.pgv.validate.Validate.UInt64Rules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Envoy's own rules of its messages, the {@code validate.rules} options of their descriptors: what
 * they say about strings, numbers, durations, enums, lists, maps, required messages and oneofs. A
 * message that breaks one is refused by Envoy, and with it all that is in the same resource. What
 * is in an {@code Any} is checked by itself, when it is {@linkplain Packed packed}.
 *
 * <p>A rule of a kind that is not known here is a fault, so none is skipped unseen.
 */
final class EnvoyRules {
  private static final Map<Descriptor, Plan> PLANS = new ConcurrentHashMap<>();

  private final List<String> violations = new ArrayList<>();

  /** What there is to check in a message of a type. */
  private record Plan(List<OneofDescriptor> required, List<Ruled> fields) {}

  private record Ruled(FieldDescriptor field, FieldRules rules) {}

  private EnvoyRules() {}

  /**
   * @throws IllegalArgumentException saying which fields break which rules
   */
  static void check(Message message) {
    List<String> violations = violations(message);
    if (!violations.isEmpty()) {
      throw new IllegalArgumentException(
          "proxies would refuse it: " + String.join("; ", violations));
    }
  }

  /** What is wrong, with the path of the field. */
  static List<String> violations(Message message) {
    EnvoyRules rules = new EnvoyRules();
    rules.checkMessage(message, message.getDescriptorForType().getName());
    return rules.violations;
  }

  private static Plan plan(Descriptor type) {
    Plan known = PLANS.get(type);
    if (known != null) {
      return known;
    }
    Plan plan =
        new Plan(
            type.getRealOneofs().stream()
                .filter(oneof -> oneof.getOptions().getExtension(Validate.required))
                .toList(),
            type.getFields().stream()
                .map(field -> new Ruled(field, field.getOptions().getExtension(Validate.rules)))
                .filter(
                    ruled ->
                        !ruled.rules().equals(FieldRules.getDefaultInstance())
                            || ruled.field().getJavaType() == FieldDescriptor.JavaType.MESSAGE)
                .toList());
    PLANS.put(type, plan);
    return plan;
  }

  private void checkMessage(Message message, String path) {
    Plan plan = plan(message.getDescriptorForType());
    for (OneofDescriptor oneof : plan.required()) {
      if (!message.hasOneof(oneof)) {
        violations.add(path + ": one of " + oneof.getName() + " is required");
      }
    }
    for (Ruled ruled : plan.fields()) {
      FieldDescriptor field = ruled.field();
      if (field.isRepeated()) {
        checkList((Collection<?>) message.getField(field), ruled, path);
      } else if (field.hasPresence() && !message.hasField(field)) {
        FieldRules rules = ruled.rules();
        boolean required =
            rules.getMessage().getRequired()
                || rules.getDuration().getRequired()
                || rules.getAny().getRequired();
        // Within a oneof it means: not empty when it is the one.
        if (required && field.getRealContainingOneof() == null) {
          violations.add(path + "." + field.getName() + " is required");
        }
      } else {
        checkValue(message.getField(field), ruled.rules(), path + "." + field.getName());
      }
    }
  }

  private void checkList(Collection<?> list, Ruled ruled, String parent) {
    RepeatedRules repeated = ruled.rules().getRepeated();
    String path = parent + "." + ruled.field().getName();
    require(list.size() >= repeated.getMinItems(), path, "has too few items");
    require(list.size() >= ruled.rules().getMap().getMinPairs(), path, "has too few entries");
    require(!repeated.hasMaxItems() || list.size() <= repeated.getMaxItems(), path, "is too long");
    FieldRules itemRules =
        ruled.field().isMapField() ? FieldRules.getDefaultInstance() : repeated.getItems();
    int n = 0;
    for (Object item : list) {
      checkValue(item, itemRules, path + "[" + n++ + "]");
    }
  }

  private void checkValue(Object value, FieldRules rules, String path) {
    switch (rules.getTypeCase()) {
      case STRING -> checkString((String) value, rules.getString(), path);
      case UINT32 -> checkUInt32(Integer.toUnsignedLong(number(value)), rules.getUint32(), path);
      case UINT64 -> checkUInt64(value, rules.getUint64(), path);
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
      default -> throw new IllegalStateException(path + ": no check for " + rules);
    }
    if (value instanceof Message message && !rules.getMessage().getSkip()) {
      checkMessage(message, path);
    }
  }

  private void require(boolean holds, String path, String otherwise) {
    if (!holds) {
      violations.add(path + " " + otherwise);
    }
  }

  /** A number, maybe in a wrapper. */
  private static int number(Object value) {
    return (Integer) unwrapped(value);
  }

  private static Object unwrapped(Object value) {
    return value instanceof Message wrapper
        ? wrapper.getField(wrapper.getDescriptorForType().findFieldByName("value"))
        : value;
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

  private void checkUInt64(Object value, UInt64Rules rules, String path) {
    long number = (Long) unwrapped(value);
    require(
        !rules.hasGte() || Long.compareUnsigned(number, rules.getGte()) >= 0, path, "too small");
    require(!rules.hasGt() || Long.compareUnsigned(number, rules.getGt()) > 0, path, "too small");
    require(!rules.hasLte() || Long.compareUnsigned(number, rules.getLte()) <= 0, path, "too big");
    require(!rules.hasLt() || Long.compareUnsigned(number, rules.getLt()) < 0, path, "too big");
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
    return Math.addExact(
        Math.multiplyExact(
            (Long) duration.getField(type.findFieldByName("seconds")), 1_000_000_000L),
        (Integer) duration.getField(type.findFieldByName("nanos")));
  }
}
