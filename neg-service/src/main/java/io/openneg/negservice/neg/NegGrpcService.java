package io.openneg.negservice.neg;

import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.Outcome;
import io.openneg.neg.v1.AttachNetworkEndpointsRequest;
import io.openneg.neg.v1.AttachNetworkEndpointsResponse;
import io.openneg.neg.v1.CreateNetworkEndpointGroupRequest;
import io.openneg.neg.v1.DeleteNetworkEndpointGroupRequest;
import io.openneg.neg.v1.DeleteNetworkEndpointGroupResponse;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.DetachNetworkEndpointsResponse;
import io.openneg.neg.v1.GetNetworkEndpointGroupRequest;
import io.openneg.neg.v1.ListNetworkEndpointGroupsRequest;
import io.openneg.neg.v1.ListNetworkEndpointGroupsResponse;
import io.openneg.neg.v1.ListNetworkEndpointsRequest;
import io.openneg.neg.v1.ListNetworkEndpointsResponse;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointGroupsGrpc;
import io.openneg.neg.v1.SetNetworkEndpointsRequest;
import io.openneg.neg.v1.SetNetworkEndpointsResponse;
import io.openneg.negservice.deletion.GroupDeletion;
import io.openneg.negservice.deletion.GroupDeletions;
import io.openneg.negservice.inventory.network.Networks;
import io.openneg.negservice.neg.NegCommand.Census;
import io.openneg.negservice.neg.NegCommand.CreateNeg;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import io.openneg.negservice.neg.NetworkEndpointGroup.Deleting;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.catalogue.Catalogue;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.security.SecureRandom;

/** Requests as commands and queries. The simple name of the group is the published message's. */
@GrpcService
public class NegGrpcService extends NetworkEndpointGroupsGrpc.NetworkEndpointGroupsImplBase {
  static final String COLLECTION = "networkEndpointGroups";

  private final NegView view;
  private final NegQueries queries;
  private final CommandRunner<io.openneg.negservice.neg.NetworkEndpointGroup, NegCommand, NegEvent>
      runner;
  private final GroupDeletion deletion;
  private final GroupDeletions deletions;
  private final NegSettings settings;
  private final EndpointChanges changes;
  private final Networks networks;
  private final Catalogue catalogue;
  private final SecureRandom random = new SecureRandom();

  @Inject
  NegGrpcService(
      NegView view,
      NegQueries queries,
      CommandRunner<io.openneg.negservice.neg.NetworkEndpointGroup, NegCommand, NegEvent> runner,
      @Named("negs") GroupDeletion deletion,
      GroupDeletions deletions,
      NegSettings settings,
      Networks networks,
      Catalogue catalogue) {
    this.view = view;
    this.queries = queries;
    this.runner = runner;
    this.deletion = deletion;
    this.deletions = deletions;
    this.settings = settings;
    this.networks = networks;
    this.catalogue = catalogue;
    this.changes = new EndpointChanges(runner, view, settings);
  }

  @Override
  public void createNetworkEndpointGroup(
      CreateNetworkEndpointGroupRequest request, StreamObserver<NetworkEndpointGroup> reply) {
    Replies.answer(reply, () -> create(request));
  }

  private NetworkEndpointGroup create(CreateNetworkEndpointGroupRequest request) {
    ResourceName name =
        ResourceName.of(
            request.getParent(),
            Scope.ZONE,
            COLLECTION,
            "network_endpoint_group_id",
            request.getNetworkEndpointGroupId());
    CommandContext context = Requests.context(request, request.getRequestId());
    NetworkEndpointGroup wanted = request.getNetworkEndpointGroup();
    EndpointType type = NegMessages.requestedType(wanted.getNetworkEndpointType());
    String region = catalogue.regionOfZoneIn(name).name();
    networks.ensureDefault(name.project());
    String network =
        wanted.getNetwork().isEmpty() ? Networks.defaultOf(name.project()) : wanted.getNetwork();
    return answer(
        runner.run(
            name.toString(),
            context,
            tx ->
                new CreateNeg(
                    name.toString(),
                    name.project(),
                    newId(),
                    context.now(),
                    wanted.getDescription(),
                    type,
                    wanted.getSubnetwork(),
                    InventoryQueries.network(tx, region, network, wanted.getSubnetwork()),
                    NegMessages.defaultPort(wanted),
                    wanted.getAnnotationsMap(),
                    new Census(view.countToAdd(tx, name.project()), settings.groupsPerProject()))));
  }

  /** Positive, for languages without unsigned numbers; the tables refuse one that is taken. */
  private long newId() {
    return random.nextLong(1, Long.MAX_VALUE);
  }

  @Override
  public void attachNetworkEndpoints(
      AttachNetworkEndpointsRequest request, StreamObserver<AttachNetworkEndpointsResponse> reply) {
    Replies.answer(reply, () -> changes.attach(name(request.getName()), request));
  }

  @Override
  public void detachNetworkEndpoints(
      DetachNetworkEndpointsRequest request, StreamObserver<DetachNetworkEndpointsResponse> reply) {
    Replies.answer(reply, () -> changes.detach(name(request.getName()), request));
  }

  @Override
  public void setNetworkEndpoints(
      SetNetworkEndpointsRequest request, StreamObserver<SetNetworkEndpointsResponse> reply) {
    Replies.answer(reply, () -> changes.set(name(request.getName()), request));
  }

  @Override
  public void deleteNetworkEndpointGroup(
      DeleteNetworkEndpointGroupRequest request,
      StreamObserver<DeleteNetworkEndpointGroupResponse> reply) {
    Replies.answer(reply, () -> delete(request));
  }

  private DeleteNetworkEndpointGroupResponse delete(DeleteNetworkEndpointGroupRequest request) {
    String name = name(request.getName());
    var started =
        runner
            .run(name, new StartDeletion(name), Requests.context(request, request.getRequestId()))
            .orThrow();
    if (!(started.state() instanceof Deleting(Live group))) {
      throw new IllegalStateException("no deletion of " + name);
    }
    long version = deletions.conclude(deletion, DeletableNegs.started(group, started.version()));
    return DeleteNetworkEndpointGroupResponse.newBuilder()
        .setChangeToken(NegMessages.changeToken(name, version))
        .build();
  }

  @Override
  public void getNetworkEndpointGroup(
      GetNetworkEndpointGroupRequest request, StreamObserver<NetworkEndpointGroup> reply) {
    Replies.answer(reply, () -> queries.get(name(request.getName()), request));
  }

  @Override
  public void listNetworkEndpointGroups(
      ListNetworkEndpointGroupsRequest request,
      StreamObserver<ListNetworkEndpointGroupsResponse> reply) {
    Replies.answer(reply, () -> queries.list(request));
  }

  @Override
  public void listNetworkEndpoints(
      ListNetworkEndpointsRequest request, StreamObserver<ListNetworkEndpointsResponse> reply) {
    Replies.answer(reply, () -> queries.endpoints(name(request.getName()), request));
  }

  private static String name(String requested) {
    return ResourceName.parse("name", requested, Scope.ZONE, COLLECTION).toString();
  }

  private static NetworkEndpointGroup answer(
      Outcome<io.openneg.negservice.neg.NetworkEndpointGroup> outcome) {
    var done = outcome.orThrow();
    if (!(done.state() instanceof Live group)) {
      throw new IllegalStateException("a command that holds leaves a group");
    }
    return NegMessages.group(group.definition(), group.endpoints().size(), done.version());
  }
}
