package io.openneg.backendservice.address;

import io.openneg.backend.v1.Address;
import io.openneg.backend.v1.AddressCreated;
import io.openneg.backend.v1.AddressDeleted;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backendservice.address.AddressCommand.Create;
import io.openneg.backendservice.address.AddressCommand.Delete;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.serviceruntime.api.Violations;
import java.util.Optional;

/** The rules of an address: it is never changed. Pure. */
public final class AddressDecider
    implements Decider<ResourceState<Address>, AddressCommand, BackendEvent> {

  @Override
  public ResourceState<Address> initial() {
    return new ResourceState<>(null);
  }

  @Override
  public Decision<BackendEvent> decide(ResourceState<Address> state, AddressCommand command) {
    boolean exists = state.resource() != null;
    return switch (command) {
      case Create create ->
          exists ? Decision.rejected(Refusals.alreadyExists(create.name())) : create(create);
      case Delete delete ->
          exists
              ? Refusals.inUse(delete.name(), delete.facts().users())
                  .map(Decision::<BackendEvent>rejected)
                  .orElseGet(
                      () ->
                          Decision.accepted(
                              BackendEvent.newBuilder()
                                  .setAddressDeleted(AddressDeleted.getDefaultInstance())
                                  .build()))
              : Decision.rejected(Refusals.notFound(delete.name()));
    };
  }

  private static Decision<BackendEvent> create(Create create) {
    Violations faults = new Violations();
    AddressRules.check(create.name(), create.wanted(), faults);
    String given = create.wanted().getAddress();
    return faults
        .rejection()
        .or(() -> create.inTheWay().map(holder -> AddressRefusals.inUse(given, holder)))
        .or(
            () ->
                given.isEmpty()
                    ? AddressRefusals.noneFree(create.pooled(), create.free(), "address.address")
                    : Optional.empty())
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(
            () ->
                Decision.accepted(
                    BackendEvent.newBuilder()
                        .setAddressCreated(
                            AddressCreated.newBuilder()
                                .setAddress(
                                    create.wanted().toBuilder()
                                        .setId(create.id())
                                        .setCreationTimestamp(create.now())
                                        .setAddress(
                                            given.isEmpty() ? create.free().orElseThrow() : given)))
                        .build()));
  }

  @Override
  public ResourceState<Address> evolve(ResourceState<Address> state, BackendEvent event) {
    boolean exists = state.resource() != null;
    if (event.hasAddressCreated() && !exists) {
      return new ResourceState<>(event.getAddressCreated().getAddress());
    }
    if (event.hasAddressDeleted() && exists) {
      return new ResourceState<>(null);
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), exists));
  }
}
