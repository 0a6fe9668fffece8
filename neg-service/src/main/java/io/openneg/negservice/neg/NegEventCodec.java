package io.openneg.negservice.neg;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.eventlog.EventCodec;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NegEvent.EndpointUpdated;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionRefused;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;

/**
 * Events as bytes of the published {@code openneg.neg.v1.NegEvent}, exhaustive both ways.
 *
 * <p>The published messages have the domain's names. In this package a simple name is the domain's,
 * and a message is reached through its {@code oneof}, so only the envelope is written in full.
 */
public final class NegEventCodec implements EventCodec<NegEvent> {

  @Override
  public String type(NegEvent event) {
    return switch (event) {
      case NegCreated _ -> "openneg.neg.v1.NegCreated";
      case EndpointAttached _ -> "openneg.neg.v1.EndpointAttached";
      case EndpointUpdated _ -> "openneg.neg.v1.EndpointUpdated";
      case EndpointDetached _ -> "openneg.neg.v1.EndpointDetached";
      case NegDeletionStarted _ -> "openneg.neg.v1.NegDeletionStarted";
      case NegDeletionRefused _ -> "openneg.neg.v1.NegDeletionRefused";
      case NegDeleted _ -> "openneg.neg.v1.NegDeleted";
    };
  }

  @Override
  public byte[] encode(NegEvent event) {
    var message = io.openneg.neg.v1.NegEvent.newBuilder();
    switch (event) {
      case NegCreated(NegDefinition definition) ->
          message
              .getNegCreatedBuilder()
              .setNetworkEndpointGroup(NegMessages.definition(definition))
              .setNetworkId(definition.networkId().orElse(0));
      case EndpointAttached(Endpoint endpoint) ->
          message
              .getEndpointAttachedBuilder()
              .setNetworkEndpoint(NegMessages.endpoint(endpoint))
              .setInstanceRange(NegMessages.range(endpoint));
      case EndpointUpdated(Endpoint endpoint) ->
          message
              .getEndpointUpdatedBuilder()
              .setNetworkEndpoint(NegMessages.endpoint(endpoint))
              .setInstanceRange(NegMessages.range(endpoint));
      case EndpointDetached(EndpointAddress address) ->
          message
              .getEndpointDetachedBuilder()
              .setIpAddress(address.ip().toString())
              .setPort(address.port());
      case NegDeletionStarted _ -> message.getNegDeletionStartedBuilder();
      case NegDeletionRefused(var users) ->
          message.getNegDeletionRefusedBuilder().addAllUsers(users);
      case NegDeleted _ -> message.getNegDeletedBuilder();
    }
    return message.build().toByteArray();
  }

  @Override
  public NegEvent decode(byte[] payload) {
    io.openneg.neg.v1.NegEvent message;
    try {
      message = io.openneg.neg.v1.NegEvent.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a NegEvent", e);
    }
    return switch (message.getEventCase()) {
      case NEG_CREATED ->
          new NegCreated(
              NegMessages.definition(
                  message.getNegCreated().getNetworkEndpointGroup(),
                  message.getNegCreated().getNetworkId()));
      case ENDPOINT_ATTACHED ->
          new EndpointAttached(
              NegMessages.endpoint(
                  message.getEndpointAttached().getNetworkEndpoint(),
                  message.getEndpointAttached().getInstanceRange()));
      case ENDPOINT_UPDATED ->
          new EndpointUpdated(
              NegMessages.endpoint(
                  message.getEndpointUpdated().getNetworkEndpoint(),
                  message.getEndpointUpdated().getInstanceRange()));
      case ENDPOINT_DETACHED -> {
        var detached = message.getEndpointDetached();
        yield new EndpointDetached(
            NegMessages.address(detached.getIpAddress(), detached.getPort()));
      }
      case NEG_DELETION_STARTED -> new NegDeletionStarted();
      case NEG_DELETION_REFUSED ->
          new NegDeletionRefused(message.getNegDeletionRefused().getUsersList());
      case NEG_DELETED -> new NegDeleted();
      case NETWORK_CREATED,
          NETWORK_SWITCHED_TO_CUSTOM_MODE,
          NETWORK_DELETED,
          SUBNETWORK_CREATED,
          SUBNETWORK_UPDATED,
          SUBNETWORK_DELETED,
          INSTANCE_CREATED,
          INSTANCE_UPDATED,
          INSTANCE_DELETED,
          INSTANCE_GROUP_CREATED,
          INSTANCES_ADDED,
          INSTANCES_REMOVED,
          NAMED_PORTS_SET,
          INSTANCE_GROUP_DELETED,
          INSTANCE_GROUP_DELETION_STARTED,
          INSTANCE_GROUP_DELETION_REFUSED ->
          throw new IllegalArgumentException(message.getEventCase() + " is not of a group");
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a NegEvent of no known kind");
    };
  }
}
