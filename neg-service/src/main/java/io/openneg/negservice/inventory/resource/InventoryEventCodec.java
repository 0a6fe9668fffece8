package io.openneg.negservice.inventory.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.eventlog.EventCodec;
import io.openneg.neg.v1.NegEvent;

/** The published {@code NegEvent} is the event itself; its bytes are what is kept and told. */
public final class InventoryEventCodec implements EventCodec<NegEvent> {

  @Override
  public String type(NegEvent event) {
    return "openneg.neg.v1."
        + switch (event.getEventCase()) {
          case NETWORK_CREATED -> "NetworkCreated";
          case NETWORK_SWITCHED_TO_CUSTOM_MODE -> "NetworkSwitchedToCustomMode";
          case NETWORK_DELETED -> "NetworkDeleted";
          case SUBNETWORK_CREATED -> "SubnetworkCreated";
          case SUBNETWORK_UPDATED -> "SubnetworkUpdated";
          case SUBNETWORK_DELETED -> "SubnetworkDeleted";
          case INSTANCE_CREATED -> "InstanceCreated";
          case INSTANCE_UPDATED -> "InstanceUpdated";
          case INSTANCE_DELETED -> "InstanceDeleted";
          case INSTANCE_GROUP_CREATED -> "InstanceGroupCreated";
          case INSTANCES_ADDED -> "InstancesAdded";
          case INSTANCES_REMOVED -> "InstancesRemoved";
          case NAMED_PORTS_SET -> "NamedPortsSet";
          case INSTANCE_GROUP_DELETED -> "InstanceGroupDeleted";
          case INSTANCE_GROUP_DELETION_STARTED -> "InstanceGroupDeletionStarted";
          case INSTANCE_GROUP_DELETION_REFUSED -> "InstanceGroupDeletionRefused";
          case ENDPOINT_ATTACHED -> "EndpointAttached";
          case ENDPOINT_DETACHED -> "EndpointDetached";
          case NEG_CREATED,
              ENDPOINT_UPDATED,
              NEG_DELETION_STARTED,
              NEG_DELETION_REFUSED,
              NEG_DELETED ->
              throw new IllegalArgumentException(event.getEventCase() + " is of a group");
          case EVENT_NOT_SET -> throw new IllegalArgumentException("a NegEvent of no known kind");
        };
  }

  @Override
  public byte[] encode(NegEvent event) {
    return event.toByteArray();
  }

  @Override
  public NegEvent decode(byte[] payload) {
    try {
      return NegEvent.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a NegEvent", e);
    }
  }
}
