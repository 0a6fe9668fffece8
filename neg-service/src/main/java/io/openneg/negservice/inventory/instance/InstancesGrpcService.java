package io.openneg.negservice.inventory.instance;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.Companion;
import io.openneg.eventlog.Outcome.Done;
import io.openneg.eventlog.RejectedException;
import io.openneg.neg.v1.CreateInstanceRequest;
import io.openneg.neg.v1.DeleteInstanceRequest;
import io.openneg.neg.v1.DeleteInstanceResponse;
import io.openneg.neg.v1.GetInstanceRequest;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.InstancesGrpc;
import io.openneg.neg.v1.ListInstancesRequest;
import io.openneg.neg.v1.ListInstancesResponse;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.UpdateInstanceRequest;
import io.openneg.negservice.inventory.instance.InstanceCommand.Create;
import io.openneg.negservice.inventory.instance.InstanceCommand.Delete;
import io.openneg.negservice.inventory.instance.InstanceCommand.Update;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.RemoveInstances;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupState;
import io.openneg.negservice.inventory.network.Networks;
import io.openneg.negservice.inventory.resource.Contents;
import io.openneg.negservice.inventory.resource.Refusals;
import io.openneg.negservice.inventory.resource.ResourceState;
import io.openneg.negservice.inventory.resource.ResourceTable;
import io.openneg.negservice.inventory.resource.ResourceTable.Wanted;
import io.openneg.negservice.neg.EndpointRequest;
import io.openneg.negservice.neg.NegCommand;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NetworkEndpointGroup;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.WireTime;
import io.openneg.serviceruntime.catalogue.Catalogue;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jdbi.v3.core.Jdbi;

/** The API of instances. */
@GrpcService
public class InstancesGrpcService extends InstancesGrpc.InstancesImplBase {
  private static final String COLLECTION = "instances";

  private final Jdbi jdbi;
  private final CommandRunner<ResourceState<Instance>, InstanceCommand, NegEvent> runner;
  private final CommandRunner<NetworkEndpointGroup, NegCommand, io.openneg.negservice.neg.NegEvent>
      negs;
  private final CommandRunner<InstanceGroupState, InstanceGroupCommand, NegEvent> groups;
  private final Networks networks;
  private final Catalogue catalogue;

  @Inject
  InstancesGrpcService(
      EventLogRuntime runtime,
      CommandRunner<ResourceState<Instance>, InstanceCommand, NegEvent> runner,
      CommandRunner<NetworkEndpointGroup, NegCommand, io.openneg.negservice.neg.NegEvent> negs,
      CommandRunner<InstanceGroupState, InstanceGroupCommand, NegEvent> groups,
      Networks networks,
      Catalogue catalogue) {
    this.jdbi = runtime.jdbi();
    this.runner = runner;
    this.negs = negs;
    this.groups = groups;
    this.networks = networks;
    this.catalogue = catalogue;
  }

  @Override
  public void createInstance(CreateInstanceRequest request, StreamObserver<Instance> reply) {
    Replies.answer(
        reply,
        () -> {
          ResourceName name =
              ResourceName.of(
                  request.getParent(),
                  Scope.ZONE,
                  COLLECTION,
                  "instance_id",
                  request.getInstanceId());
          String region = catalogue.regionOfZoneIn(name).name();
          networks.ensureDefault(name.project());
          CommandContext context = Requests.context(request, request.getRequestId());
          String full = name.toString();
          return answer(
              runner
                  .run(
                      full,
                      context,
                      tx ->
                          new Create(
                              full,
                              Contents.newId(),
                              WireTime.timestamp(context.now()),
                              request.getInstance(),
                              InstanceFacts.surroundings(
                                  tx, full, name.project(), region, request.getInstance())))
                  .orThrow());
        });
  }

  @Override
  public void getInstance(GetInstanceRequest request, StreamObserver<Instance> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name("name", request.getName()).toString();
          return jdbi.withHandle(h -> ResourceTable.INSTANCES.get(h, name))
              .map(InstancesGrpcService::answer)
              .orElseThrow(() -> new RejectedException(Refusals.notFound(name)));
        });
  }

  @Override
  public void listInstances(
      ListInstancesRequest request, StreamObserver<ListInstancesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              ResourceTable.INSTANCES.list(
                  jdbi,
                  new Wanted(
                      ResourceName.prefix(request.getParent(), Scope.ZONE, COLLECTION),
                      request.getPageSize(),
                      request.getPageToken(),
                      request.getFilter()),
                  InstancesGrpcService::answer);
          return ListInstancesResponse.newBuilder()
              .addAllInstances(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void updateInstance(UpdateInstanceRequest request, StreamObserver<Instance> reply) {
    Replies.answer(
        reply,
        () -> {
          ResourceName name = name("instance.name", request.getInstance().getName());
          String full = name.toString();
          String region = catalogue.regionOfZoneIn(name).name();
          return answer(
              runner
                  .run(
                      full,
                      Requests.context(request, request.getRequestId()),
                      tx ->
                          new Update(
                              full,
                              request.getInstance(),
                              ResourceTable.INSTANCES.get(tx, full).map(ResourceTable.Row::content),
                              InstanceFacts.surroundings(
                                  tx, full, name.project(), region, request.getInstance()),
                              InstanceFacts.uses(tx, full),
                              request.getForce()),
                      command -> givenUp(full, InstanceDecider.displaced(command)))
                  .orThrow());
        });
  }

  @Override
  public void deleteInstance(
      DeleteInstanceRequest request, StreamObserver<DeleteInstanceResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name("name", request.getName()).toString();
          var done =
              runner
                  .run(
                      name,
                      Requests.context(request, request.getRequestId()),
                      tx -> new Delete(name, InstanceFacts.uses(tx, name), request.getForce()),
                      command -> givenUp(name, InstanceDecider.displaced(command)))
                  .orThrow();
          return DeleteInstanceResponse.newBuilder()
              .setChangeToken(Contents.token(name, done.version()))
              .build();
        });
  }

  /**
   * Recorded with the instance's own change in one transaction, so no crash can leave an endpoint
   * without its instance, nor take one from a group whose instance stays.
   */
  private List<Companion<?, ?, ?>> givenUp(String instance, InstanceUses uses) {
    Map<String, List<EndpointRequest>> detached = new LinkedHashMap<>();
    for (InstanceUses.Endpoint use : uses.endpoints()) {
      detached
          .computeIfAbsent(use.neg(), _ -> new ArrayList<>())
          .add(
              new EndpointRequest(
                  "",
                  use.address().ip().toString(),
                  OptionalInt.of(use.address().port()),
                  Map.of()));
    }
    List<Companion<?, ?, ?>> companions = new ArrayList<>();
    detached.forEach(
        (neg, endpoints) ->
            companions.add(
                negs.companion(neg, new DetachEndpoints(neg, endpoints, BadEndpoint.REFUSES))));
    for (InstanceUses.Membership use : uses.memberships()) {
      companions.add(
          groups.companion(use.group(), new RemoveInstances(use.group(), List.of(instance))));
    }
    return companions;
  }

  private static ResourceName name(String field, String requested) {
    return ResourceName.parse(field, requested, Scope.ZONE, COLLECTION);
  }

  private static Instance answer(Done<ResourceState<Instance>> done) {
    Instance instance = requireNonNull(done.state().resource());
    return answer(new ResourceTable.Row<>(instance.getName(), instance, done.version()));
  }

  private static Instance answer(ResourceTable.Row<Instance> row) {
    return row.content().toBuilder()
        .setFingerprint(Fingerprint.of(row.content()))
        .setChangeToken(Contents.token(row.name(), row.version()))
        .build();
  }
}
