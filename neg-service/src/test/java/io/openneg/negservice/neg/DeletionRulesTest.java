package io.openneg.negservice.neg;

import static io.openneg.negservice.neg.Groups.NAME;
import static io.openneg.negservice.neg.Groups.attached;
import static io.openneg.negservice.neg.Groups.conclude;
import static io.openneg.negservice.neg.Groups.created;
import static io.openneg.negservice.neg.Groups.detached;
import static io.openneg.negservice.neg.Scenario.fold;
import static io.openneg.negservice.neg.Scenario.given;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.openneg.eventlog.Rejection.Kind;
import io.openneg.negservice.neg.NegCommand.ConcludeDeletion;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionRefused;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DeletionRulesTest {
  private static final String USER = "projects/shop/global/backendServices/web";
  private static final StartDeletion DELETE = new StartDeletion(NAME);
  private static final NegDeletionStarted STARTED = new NegDeletionStarted();
  private static final NegDeletionRefused REFUSED = new NegDeletionRefused(List.of(USER));

  @Test
  void aDeletionIsRecordedBeforeAnybodyIsAsked() {
    given(created(), attached("10.0.0.1:80")).when(DELETE).then(STARTED);
  }

  @Test
  void whatNeverExistedCannotBeDeleted() {
    given().when(DELETE).thenRejected(Kind.NOT_FOUND, "NOT_FOUND").saying(NAME);
  }

  @Test
  void whatIsDeletedCannotBeDeletedAgain() {
    given(created(), STARTED, new NegDeleted())
        .when(DELETE)
        .thenRejected(Kind.NOT_FOUND, "NOT_FOUND");
  }

  @Test
  void deletingWhileADeletionIsUnderWayJoinsIt() {
    given(created(), STARTED).when(DELETE).thenNothing();
  }

  @Test
  void aGroupWithoutUsersIsDeleted() {
    given(created(), STARTED).when(conclude(0)).then(new NegDeleted());
  }

  @Test
  void aGroupInUseIsNotDeletedAndTheUsersAreNamed() {
    given(created(), STARTED).when(conclude(0, USER)).then(REFUSED);
  }

  @Test
  void aRefusedDeletionMayBeTriedAgain() {
    given(created(), STARTED, REFUSED).when(DELETE).then(STARTED);
    given(created(), STARTED, REFUSED, STARTED).when(conclude(1)).then(new NegDeleted());
  }

  @Test
  void theSecondToConcludeADeletionChangesNothing() {
    given(created(), STARTED, new NegDeleted()).when(conclude(0)).thenNothing();
    given(created(), STARTED, REFUSED).when(conclude(0, USER)).thenNothing();
  }

  @Test
  void aLateVerdictDoesNotConcludeALaterDeletion() {
    given(created(), STARTED, REFUSED, STARTED).when(conclude(0, USER)).thenNothing();
  }

  @Test
  void aLateVerdictDoesNotConcludeTheDeletionOfAnotherGroupOfThatName() {
    given(created(), STARTED)
        .when(new ConcludeDeletion(NAME, Groups.ID + 1, 0, List.of()))
        .thenNothing();
  }

  static List<List<NegEvent>> streamsThatCannotBe() {
    return List.of(
        List.of(attached("10.0.0.1:80")),
        List.of(detached("10.0.0.1:80")),
        List.of(STARTED),
        List.of(new NegDeleted()),
        List.of(REFUSED),
        List.of(created(), created()),
        List.of(created(), attached("10.0.0.1:80"), attached("10.0.0.1:80")),
        List.of(created(), detached("10.0.0.1:80")),
        List.of(created(), new NegDeleted()),
        List.of(created(), REFUSED),
        List.of(created(), STARTED, STARTED),
        List.of(created(), STARTED, attached("10.0.0.1:80")),
        List.of(created(), STARTED, created()),
        List.of(created(), STARTED, new NegDeleted(), attached("10.0.0.1:80")));
  }

  @ParameterizedTest
  @MethodSource("streamsThatCannotBe")
  void aCorruptStreamIsAFaultAndNeverSkipped(List<NegEvent> events) {
    assertThatIllegalStateException()
        .isThrownBy(() -> fold(events))
        .withMessageContaining("cannot follow");
  }
}
