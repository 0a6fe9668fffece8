package io.openneg.negservice.neg;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.Effect;
import io.openneg.neg.v1.AttachNetworkEndpointsRequest;
import io.openneg.neg.v1.AttachNetworkEndpointsResponse;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.DetachNetworkEndpointsResponse;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.SetNetworkEndpointsRequest;
import io.openneg.neg.v1.SetNetworkEndpointsResponse;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NegEvent.EndpointUpdated;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionRefused;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import io.openneg.serviceruntime.grpc.Requests;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The calls that change the endpoints of a group: requests as commands, effects as answers. */
final class EndpointChanges {
  private final CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner;
  private final NegView view;
  private final NegSettings settings;

  EndpointChanges(
      CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner,
      NegView view,
      NegSettings settings) {
    this.runner = runner;
    this.view = view;
    this.settings = settings;
  }

  AttachNetworkEndpointsResponse attach(String name, AttachNetworkEndpointsRequest request) {
    List<EndpointRequest> endpoints = requested(request.getNetworkEndpointsList());
    BadEndpoint badEndpoint = badEndpoint(request.getPartial() || request.getValidateOnly());
    Call<AttachNetworkEndpointsResponse> call =
        new Call<>(
            request,
            request.getRequestId(),
            request.getValidateOnly(),
            AttachNetworkEndpointsResponse.parser());
    return answer(
        name,
        call,
        tx ->
            new AttachEndpoints(
                name,
                endpoints,
                settings.labAddresses(),
                InventoryQueries.interfaces(tx, name, endpoints),
                badEndpoint),
        effect ->
            AttachNetworkEndpointsResponse.newBuilder()
                .setNetworkEndpointGroup(group(effect))
                .addAllRejectedEndpoints(leftOut(effect, badEndpoint))
                .build());
  }

  DetachNetworkEndpointsResponse detach(String name, DetachNetworkEndpointsRequest request) {
    List<EndpointRequest> endpoints = requested(request.getNetworkEndpointsList());
    BadEndpoint badEndpoint = badEndpoint(request.getPartial() || request.getValidateOnly());
    Call<DetachNetworkEndpointsResponse> call =
        new Call<>(
            request,
            request.getRequestId(),
            request.getValidateOnly(),
            DetachNetworkEndpointsResponse.parser());
    return answer(
        name,
        call,
        _ -> new DetachEndpoints(name, endpoints, badEndpoint),
        effect ->
            DetachNetworkEndpointsResponse.newBuilder()
                .setNetworkEndpointGroup(group(effect))
                .addAllRejectedEndpoints(leftOut(effect, badEndpoint))
                .build());
  }

  SetNetworkEndpointsResponse set(String name, SetNetworkEndpointsRequest request) {
    List<EndpointRequest> endpoints = requested(request.getNetworkEndpointsList());
    BadEndpoint badEndpoint = badEndpoint(request.getValidateOnly());
    Call<SetNetworkEndpointsResponse> call =
        new Call<>(
            request,
            request.getRequestId(),
            request.getValidateOnly(),
            SetNetworkEndpointsResponse.parser());
    return answer(
        name,
        call,
        tx ->
            new SetEndpoints(
                name,
                endpoints,
                settings.labAddresses(),
                InventoryQueries.interfaces(tx, name, endpoints),
                view.endpoints(tx, name, Optional.empty(), EndpointRules.MAX_ENDPOINTS).stream()
                    .collect(Collectors.toMap(Endpoint::address, Function.identity())),
                badEndpoint),
        effect ->
            changes(effect.events())
                .setNetworkEndpointGroup(group(effect))
                .addAllRejectedEndpoints(leftOut(effect, badEndpoint))
                .build());
  }

  /** What is said about a call beside its command. */
  private record Call<R extends Message>(
      Message request, String requestId, boolean validateOnly, Parser<R> parser) {}

  private <R extends Message> R answer(
      String name,
      Call<R> call,
      Function<Handle, NegCommand> command,
      Function<Effect<NetworkEndpointGroup, NegCommand, NegEvent>, R> wording) {
    byte[] answer =
        call.validateOnly()
            ? runner.preview(name, command, effect -> wording.apply(effect).toByteArray())
            : runner.answer(
                name,
                Requests.context(call.request(), call.requestId()),
                command,
                effect -> wording.apply(effect).toByteArray());
    try {
      return call.parser().parseFrom(answer);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the answer kept for " + call.requestId(), e);
    }
  }

  private static BadEndpoint badEndpoint(boolean reported) {
    return reported ? BadEndpoint.IS_LEFT_OUT : BadEndpoint.REFUSES;
  }

  private static List<EndpointRequest> requested(List<NetworkEndpoint> endpoints) {
    return endpoints.stream().map(NegMessages::requested).toList();
  }

  /** As it is, or with {@code validate_only} would be, behind the command. */
  private static io.openneg.neg.v1.NetworkEndpointGroup group(
      Effect<NetworkEndpointGroup, NegCommand, NegEvent> effect) {
    Live after = live(effect.after());
    return NegMessages.group(after.definition(), after.endpoints().size(), effect.version());
  }

  private static List<io.openneg.neg.v1.RejectedEndpoint> leftOut(
      Effect<NetworkEndpointGroup, NegCommand, NegEvent> effect, BadEndpoint badEndpoint) {
    return switch (badEndpoint) {
      // There is none, or there would be no effect.
      case REFUSES -> List.of();
      case IS_LEFT_OUT ->
          EndpointRules.leftOut(live(effect.before()), effect.command()).stream()
              .map(NegMessages::rejected)
              .toList();
    };
  }

  private static Live live(NetworkEndpointGroup state) {
    if (!(state instanceof Live group)) {
      throw new IllegalStateException("a command about endpoints holds for a group only");
    }
    return group;
  }

  private static SetNetworkEndpointsResponse.Builder changes(List<NegEvent> events) {
    SetNetworkEndpointsResponse.Builder changes = SetNetworkEndpointsResponse.newBuilder();
    for (NegEvent event : events) {
      switch (event) {
        case EndpointAttached(Endpoint endpoint) ->
            changes.addAttached(NegMessages.address(endpoint.address()));
        case EndpointUpdated(Endpoint endpoint) ->
            changes.addUpdated(NegMessages.address(endpoint.address()));
        case EndpointDetached(EndpointAddress address) ->
            changes.addDetached(NegMessages.address(address));
        case NegCreated _, NegDeletionStarted _, NegDeletionRefused _, NegDeleted _ ->
            throw new IllegalStateException(event + " is no change of endpoints");
      }
    }
    return changes;
  }
}
