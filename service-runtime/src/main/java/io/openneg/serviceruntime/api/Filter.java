package io.openneg.serviceruntime.api;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.List;
import java.util.function.Predicate;

/**
 * The {@code filter} of a list, in compute v1's grammar, over the fields of the listed message.
 * Immutable and thread-safe.
 *
 * <pre>
 * default_port = 8080              equal            status != RUNNING        not equal
 * name eq "web-.*"                 RE2, whole value name ne web-.*           not matching
 * size &gt;= 10                       &lt; &lt;= &gt; &gt;=         description : canary     substring
 * annotations.team = "a b"         nested, quoted   network_endpoint : *     has a value
 * (a = 1) (b = 2)    a = 1 AND b = 2    a = 1 OR a = 2    NOT a = 1    -a = 1
 * </pre>
 *
 * <p>Side by side means AND; OR binds closer than AND (AIP-160). Fields have their names in the
 * message or in JSON. {@code name} matches the full name and its last part; {@code zone}, {@code
 * region} and {@code project}, if the message has no such field, are what the name says. A repeated
 * field matches when one of its items does, and {@code !=} and {@code ne} are the opposites of
 * {@code =} and {@code eq}.
 */
public final class Filter implements Predicate<Message> {
  /** Characters at the most, so that no filter costs more than the list it is for. */
  static final int MAX_LENGTH = 2_048;

  private static final Filter ALL = new Filter(_ -> true);

  private final Predicate<Message> condition;

  private Filter(Predicate<Message> condition) {
    this.condition = condition;
  }

  /**
   * @param text as the caller sent it; empty: everything passes
   * @param listed the type of the messages to come
   * @throws RejectedException INVALID_ARGUMENT when it is no filter, or not one for these messages
   */
  public static Filter of(String text, Descriptor listed) {
    if (text.isBlank()) {
      return ALL;
    }
    if (text.length() > MAX_LENGTH) {
      throw invalid("must have at most %d characters, has %d".formatted(MAX_LENGTH, text.length()));
    }
    return new Filter(new FilterParser(text, listed).parse());
  }

  /** Whether everything passes, so that a list need not look. */
  public boolean isEmpty() {
    return equals(ALL);
  }

  /**
   * @param message of the type the filter was made for
   */
  @Override
  public boolean test(Message message) {
    return condition.test(message);
  }

  static RejectedException invalid(String rule) {
    return new RejectedException(
        new Rejection(
            Kind.INVALID_ARGUMENT,
            "INVALID_ARGUMENT",
            "Invalid value for field 'filter': it %s.".formatted(rule),
            List.of(new Violation("filter", rule))));
  }
}
