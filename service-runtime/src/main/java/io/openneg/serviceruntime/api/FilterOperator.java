package io.openneg.serviceruntime.api;

import com.google.protobuf.Message;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** What a filter may ask about a field. */
enum FilterOperator {
  EQUAL("="),
  NOT_EQUAL("!="),
  LESS("<"),
  LESS_OR_EQUAL("<="),
  GREATER(">"),
  GREATER_OR_EQUAL(">="),
  HAS(":"),
  MATCHES("eq"),
  NOT_MATCHES("ne");

  private final String symbol;

  FilterOperator(String symbol) {
    this.symbol = symbol;
  }

  static Optional<FilterOperator> of(String symbol) {
    return Arrays.stream(values()).filter(o -> o.symbol.equals(symbol)).findFirst();
  }

  String symbol() {
    return symbol;
  }

  /** Holds for the messages of which one value of the field compares so. */
  Predicate<Message> comparison(FilterField field, String value) {
    return switch (this) {
      case EQUAL -> any(field, equal(field, value));
      case NOT_EQUAL -> any(field, equal(field, value)).negate();
      case MATCHES -> any(field, matching(field, value));
      case NOT_MATCHES -> any(field, matching(field, value)).negate();
      case HAS -> any(field, having(field, value));
      case LESS -> any(field, ordered(field, value, order -> order > 0));
      case LESS_OR_EQUAL -> any(field, ordered(field, value, order -> order >= 0));
      case GREATER -> any(field, ordered(field, value, order -> order < 0));
      case GREATER_OR_EQUAL -> any(field, ordered(field, value, order -> order <= 0));
    };
  }

  private static Predicate<Message> any(FilterField field, Predicate<Object> condition) {
    return message -> field.values(message).anyMatch(condition);
  }

  private static Predicate<Object> equal(FilterField field, String value) {
    Comparable<Object> wanted = field.read(value);
    return found -> wanted.compareTo(found) == 0;
  }

  /**
   * @param holds given how the filter's value compares with the field's
   */
  private static Predicate<Object> ordered(FilterField field, String value, IntPredicate holds) {
    Comparable<Object> wanted = field.read(value);
    return found -> holds.test(wanted.compareTo(found));
  }

  /** Of texts a part, in any case; of all else the value itself (compute v1). */
  private static Predicate<Object> having(FilterField field, String value) {
    if (!field.isText()) {
      return equal(field, value);
    }
    String part = value.toLowerCase(Locale.ROOT);
    return found -> found.toString().toLowerCase(Locale.ROOT).contains(part);
  }

  private static Predicate<Object> matching(FilterField field, String value) {
    try {
      // RE2, whose time is linear in the text: a filter from outside must not burn the processor.
      Pattern pattern = Pattern.compile(value);
      return found -> pattern.matches(found.toString());
    } catch (PatternSyntaxException e) {
      throw Filter.invalid(
          "must have a regular expression (RE2) behind '%s'; '%s' is none: %s"
              .formatted(field, value, e.getDescription()));
    }
  }
}
