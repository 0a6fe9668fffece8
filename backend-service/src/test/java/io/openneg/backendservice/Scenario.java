package io.openneg.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backend.v1.BackendEvent;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Decision.Accepted;
import io.openneg.eventlog.Decision.Rejected;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Violation;
import java.util.Arrays;
import java.util.List;

/** A rule as a story: what happened, what is asked, what comes of it. */
public final class Scenario<S, C> {
  private final Decider<S, C, BackendEvent> decider;
  private final S state;

  private Scenario(Decider<S, C, BackendEvent> decider, S state) {
    this.decider = decider;
    this.state = state;
  }

  /** What is asked comes first, and the events it led to are what happened. */
  public static <S, C> Scenario<S, C> of(Decider<S, C, BackendEvent> decider) {
    return new Scenario<>(decider, decider.initial());
  }

  /** Goes on with what an accepted command led to. */
  public Scenario<S, C> after(C command) {
    S next = state;
    for (BackendEvent event : when(command).events()) {
      next = decider.evolve(next, event);
    }
    return new Scenario<>(decider, next);
  }

  public Result when(C command) {
    return new Result(decider.decide(state, command));
  }

  public S state() {
    return state;
  }

  /** What came of a command. */
  public record Result(Decision<BackendEvent> decision) {

    public List<BackendEvent> events() {
      return switch (decision) {
        case Accepted<BackendEvent>(List<BackendEvent> events) -> events;
        case Rejected<BackendEvent>(Rejection rejection) ->
            throw new AssertionError("refused: " + rejection);
      };
    }

    public void thenNothing() {
      assertThat(events()).isEmpty();
    }

    public Rejection thenRejected(String reason) {
      return switch (decision) {
        case Accepted<BackendEvent>(List<BackendEvent> events) ->
            throw new AssertionError("accepted: " + events);
        case Rejected<BackendEvent>(Rejection rejection) -> {
          assertThat(rejection.reason()).isEqualTo(reason);
          yield rejection;
        }
      };
    }

    /** INVALID_ARGUMENT that names just these fields. */
    public Rejection thenInvalid(String... fields) {
      Rejection rejection = thenRejected("INVALID_ARGUMENT");
      assertThat(rejection.violations().stream().map(Violation::subject))
          .containsExactlyElementsOf(Arrays.asList(fields));
      return rejection;
    }
  }
}
