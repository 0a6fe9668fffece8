package io.openneg.negservice.neg;

import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.negservice.deletion.DeletableGroups;
import io.openneg.negservice.deletion.GroupDeletion.Verdict;
import io.openneg.negservice.neg.NegCommand.ConcludeDeletion;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NegEvent.EndpointUpdated;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionRefused;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import io.openneg.negservice.neg.NetworkEndpointGroup.Deleting;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The deletion of network endpoint groups. Thread-safe. */
public final class DeletableNegs implements DeletableGroups {
  private final Jdbi jdbi;
  private final NegView view;
  private final CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner;
  private final NegEventCodec codec = new NegEventCodec();

  public DeletableNegs(
      Jdbi jdbi, NegView view, CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner) {
    this.jdbi = jdbi;
    this.view = view;
    this.runner = runner;
  }

  static Started started(Live group, long version) {
    return new Started(
        group.definition().name(), group.definition().id(), group.refusedDeletions(), version);
  }

  @Override
  public List<String> undecided() {
    return jdbi.withHandle(view::deleting);
  }

  @Override
  public Optional<Started> underWay(String name) {
    var current = runner.current(name);
    return current.state() instanceof Deleting(Live group)
        ? Optional.of(started(group, current.version()))
        : Optional.empty();
  }

  @Override
  public void conclude(Started deletion, List<String> users, CommandContext context) {
    runner
        .run(
            deletion.name(),
            new ConcludeDeletion(deletion.name(), deletion.id(), deletion.refusedBefore(), users),
            context)
        .orThrow();
  }

  @Override
  public Verdict verdict(RecordedEvent outcome) {
    return switch (codec.decode(outcome.payload())) {
      case NegDeleted _ -> new Verdict.Deleted(outcome.version());
      case NegDeletionRefused(List<String> users) -> new Verdict.InUse(users);
      case NegCreated _,
          EndpointAttached _,
          EndpointUpdated _,
          EndpointDetached _,
          NegDeletionStarted _ ->
          throw new IllegalStateException(outcome.id() + " cannot follow the start of a deletion");
    };
  }
}
