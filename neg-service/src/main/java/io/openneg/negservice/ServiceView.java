package io.openneg.negservice;

import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.negservice.inventory.resource.InventoryView;
import io.openneg.negservice.neg.NegView;
import java.util.List;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/**
 * All tables of this service, to be made anew from its log. Live commands apply to the tables of
 * their own kind only. Thread-safe.
 */
public final class ServiceView implements Projection {
  private static final Predicate<RecordedEvent> OF_A_GROUP =
      event -> event.stream().contains("/networkEndpointGroups/");

  private final NegView negs;
  private final InventoryView inventory;

  public ServiceView(NegView negs, InventoryView inventory) {
    this.negs = negs;
    this.inventory = inventory;
  }

  /** What one kind refers to in the other is checked at the end of the transaction. */
  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    List<RecordedEvent> ofInventory = events.stream().filter(OF_A_GROUP.negate()).toList();
    List<RecordedEvent> ofGroups = events.stream().filter(OF_A_GROUP).toList();
    if (!ofInventory.isEmpty()) {
      inventory.apply(tx, ofInventory);
    }
    if (!ofGroups.isEmpty()) {
      negs.apply(tx, ofGroups);
    }
  }

  @Override
  public void clear(Handle tx) {
    inventory.clear(tx);
    negs.clear(tx);
  }
}
