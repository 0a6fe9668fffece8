package io.openneg.negservice.neg;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Decision.Accepted;
import io.openneg.eventlog.Decision.Rejected;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.ArrayList;
import java.util.List;

/** A rule as a story: what happened, what is asked, what comes of it. */
final class Scenario {
  private static final NegDecider DECIDER = new NegDecider();

  private final NetworkEndpointGroup state;

  private Scenario(NetworkEndpointGroup state) {
    this.state = state;
  }

  static Scenario given(NegEvent... events) {
    return given(List.of(events));
  }

  static Scenario given(List<? extends NegEvent> events) {
    return new Scenario(fold(events));
  }

  static NetworkEndpointGroup fold(List<? extends NegEvent> events) {
    NetworkEndpointGroup state = DECIDER.initial();
    for (NegEvent event : events) {
      state = DECIDER.evolve(state, event);
    }
    return state;
  }

  Result when(NegCommand command) {
    return new Result(DECIDER.decide(state, command));
  }

  record Result(Decision<NegEvent> decision) {

    void then(NegEvent... events) {
      assertThat(events()).containsExactly(events);
    }

    /** The command holds and changes nothing. */
    void thenNothing() {
      assertThat(events()).isEmpty();
    }

    List<NegEvent> events() {
      return switch (decision) {
        case Accepted<NegEvent>(List<NegEvent> events) -> events;
        case Rejected<NegEvent>(Rejection rejection) ->
            throw new AssertionError("refused: " + rejection);
      };
    }

    Refusal thenRejected(Kind kind, String reason) {
      return switch (decision) {
        case Accepted<NegEvent>(List<NegEvent> events) ->
            throw new AssertionError("accepted: " + events);
        case Rejected<NegEvent>(Rejection rejection) -> {
          assertThat(rejection.kind()).isEqualTo(kind);
          assertThat(rejection.reason()).isEqualTo(reason);
          yield new Refusal(rejection);
        }
      };
    }

    /** INVALID_ARGUMENT with just these violations, as field, rule, field, rule … */
    void thenInvalid(String... fieldsAndRules) {
      thenRejected(Kind.INVALID_ARGUMENT, "INVALID_ARGUMENT").naming(fieldsAndRules);
    }
  }

  record Refusal(Rejection rejection) {

    /** As subject, description, subject, description … */
    void naming(String... subjectsAndDescriptions) {
      List<Violation> expected = new ArrayList<>();
      for (int i = 0; i < subjectsAndDescriptions.length; i += 2) {
        expected.add(new Violation(subjectsAndDescriptions[i], subjectsAndDescriptions[i + 1]));
      }
      assertThat(rejection.violations()).isEqualTo(expected);
    }

    void saying(String part) {
      assertThat(rejection.message()).contains(part);
    }
  }
}
