package io.openneg.negservice.inventory.instancegroup;

import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.neg.v1.NegEvent;
import io.openneg.negservice.deletion.DeletableGroups;
import io.openneg.negservice.deletion.GroupDeletion.Verdict;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.ConcludeDeletion;
import io.openneg.negservice.inventory.resource.InventoryEventCodec;
import io.openneg.negservice.inventory.resource.InventoryView;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** The deletion of instance groups. Thread-safe. */
public final class DeletableInstanceGroups implements DeletableGroups {
  private final Jdbi jdbi;
  private final CommandRunner<InstanceGroupState, InstanceGroupCommand, NegEvent> runner;
  private final InventoryEventCodec codec = new InventoryEventCodec();

  public DeletableInstanceGroups(
      Jdbi jdbi, CommandRunner<InstanceGroupState, InstanceGroupCommand, NegEvent> runner) {
    this.jdbi = jdbi;
    this.runner = runner;
  }

  /** Empty when no deletion is under way. */
  static Optional<Started> started(InstanceGroupState state, long version) {
    return Optional.ofNullable(state.group())
        .filter(_ -> state.deleting())
        .map(
            group ->
                new Started(group.getName(), group.getId(), state.refusedDeletions(), version));
  }

  @Override
  public List<String> undecided() {
    return jdbi.withHandle(InventoryView::deletingInstanceGroups);
  }

  @Override
  public Optional<Started> underWay(String name) {
    var current = runner.current(name);
    return started(current.state(), current.version());
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
    NegEvent event = codec.decode(outcome.payload());
    if (event.hasInstanceGroupDeleted()) {
      return new Verdict.Deleted(outcome.version());
    }
    if (event.hasInstanceGroupDeletionRefused()) {
      return new Verdict.InUse(event.getInstanceGroupDeletionRefused().getUsersList());
    }
    throw new IllegalStateException(outcome.id() + " cannot follow the start of a deletion");
  }
}
