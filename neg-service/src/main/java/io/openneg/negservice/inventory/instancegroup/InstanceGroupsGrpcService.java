package io.openneg.negservice.inventory.instancegroup;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.Outcome.Done;
import io.openneg.eventlog.RejectedException;
import io.openneg.neg.v1.AddInstancesRequest;
import io.openneg.neg.v1.CreateInstanceGroupRequest;
import io.openneg.neg.v1.DeleteInstanceGroupRequest;
import io.openneg.neg.v1.DeleteInstanceGroupResponse;
import io.openneg.neg.v1.GetInstanceGroupRequest;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.InstanceGroupsGrpc;
import io.openneg.neg.v1.ListGroupInstancesRequest;
import io.openneg.neg.v1.ListGroupInstancesResponse;
import io.openneg.neg.v1.ListInstanceGroupsRequest;
import io.openneg.neg.v1.ListInstanceGroupsResponse;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.RemoveInstancesRequest;
import io.openneg.neg.v1.SetNamedPortsRequest;
import io.openneg.negservice.deletion.GroupDeletion;
import io.openneg.negservice.deletion.GroupDeletions;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.AddInstances;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.Create;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.Interface;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.RemoveInstances;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.SetNamedPorts;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.StartDeletion;
import io.openneg.negservice.inventory.resource.Contents;
import io.openneg.negservice.inventory.resource.Refusals;
import io.openneg.negservice.inventory.resource.ResourceTable;
import io.openneg.negservice.inventory.resource.ResourceTable.Wanted;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.WireTime;
import io.openneg.serviceruntime.catalogue.Catalogue;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The API of instance groups. */
@GrpcService
public class InstanceGroupsGrpcService extends InstanceGroupsGrpc.InstanceGroupsImplBase {
  private static final String COLLECTION = "instanceGroups";
  private static final int STANDARD_PAGE = 500;

  private final Jdbi jdbi;
  private final CommandRunner<InstanceGroupState, InstanceGroupCommand, NegEvent> runner;
  private final GroupDeletion deletion;
  private final GroupDeletions deletions;
  private final Catalogue catalogue;

  @Inject
  InstanceGroupsGrpcService(
      EventLogRuntime runtime,
      CommandRunner<InstanceGroupState, InstanceGroupCommand, NegEvent> runner,
      @Named("instanceGroups") GroupDeletion deletion,
      GroupDeletions deletions,
      Catalogue catalogue) {
    this.jdbi = runtime.jdbi();
    this.runner = runner;
    this.deletion = deletion;
    this.deletions = deletions;
    this.catalogue = catalogue;
  }

  @Override
  public void createInstanceGroup(
      CreateInstanceGroupRequest request, StreamObserver<InstanceGroup> reply) {
    Replies.answer(
        reply,
        () -> {
          ResourceName name =
              ResourceName.of(
                  request.getParent(),
                  Scope.ZONE,
                  COLLECTION,
                  "instance_group_id",
                  request.getInstanceGroupId());
          catalogue.regionOfZoneIn(name);
          CommandContext context = Requests.context(request, request.getRequestId());
          return run(
              name.toString(),
              context,
              _ ->
                  new Create(
                      name.toString(),
                      Contents.newId(),
                      WireTime.timestamp(context.now()),
                      request.getInstanceGroup()));
        });
  }

  @Override
  public void getInstanceGroup(
      GetInstanceGroupRequest request, StreamObserver<InstanceGroup> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name(request.getName());
          return jdbi.withHandle(h -> ResourceTable.INSTANCE_GROUPS.get(h, name))
              .map(InstanceGroupsGrpcService::answer)
              .orElseThrow(() -> new RejectedException(Refusals.notFound(name)));
        });
  }

  @Override
  public void listInstanceGroups(
      ListInstanceGroupsRequest request, StreamObserver<ListInstanceGroupsResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              ResourceTable.INSTANCE_GROUPS.list(
                  jdbi,
                  new Wanted(
                      ResourceName.prefix(request.getParent(), Scope.ZONE, COLLECTION),
                      request.getPageSize(),
                      request.getPageToken(),
                      request.getFilter()),
                  InstanceGroupsGrpcService::answer);
          return ListInstanceGroupsResponse.newBuilder()
              .addAllInstanceGroups(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void addInstances(AddInstancesRequest request, StreamObserver<InstanceGroup> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name(request.getName());
          List<String> instances = request.getInstancesList();
          return run(
              name,
              Requests.context(request, request.getRequestId()),
              tx -> new AddInstances(name, instances, interfaces(tx, instances)));
        });
  }

  private static Map<String, Interface> interfaces(Handle tx, List<String> instances) {
    Map<String, Interface> interfaces = new HashMap<>();
    for (String instance : instances) {
      if (ResourceName.isName(instance, Scope.ZONE, "instances")) {
        ResourceTable.INSTANCES
            .get(tx, instance)
            .map(row -> row.content().getNetworkInterfaces(0))
            .ifPresent(
                nic ->
                    interfaces.put(instance, new Interface(nic.getNetwork(), nic.getNetworkIp())));
      }
    }
    return interfaces;
  }

  @Override
  public void removeInstances(RemoveInstancesRequest request, StreamObserver<InstanceGroup> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name(request.getName());
          return run(
              name,
              Requests.context(request, request.getRequestId()),
              _ -> new RemoveInstances(name, request.getInstancesList()));
        });
  }

  @Override
  public void listGroupInstances(
      ListGroupInstancesRequest request, StreamObserver<ListGroupInstancesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name(request.getName());
          Page page =
              Page.of(
                  request.getPageSize(),
                  request.getPageToken(),
                  STANDARD_PAGE,
                  InstanceGroupDecider.MAX_MEMBERS);
          List<String> found =
              jdbi.withHandle(
                  handle -> {
                    if (ResourceTable.INSTANCE_GROUPS.get(handle, name).isEmpty()) {
                      throw new RejectedException(Refusals.notFound(name));
                    }
                    return members(handle, name, page);
                  });
          var members = page.answer(found, Function.identity());
          return ListGroupInstancesResponse.newBuilder()
              .addAllInstances(members.items())
              .setNextPageToken(members.nextPageToken())
              .build();
        });
  }

  private static List<String> members(Handle handle, String group, Page page) {
    return handle
        .createQuery(
            """
            SELECT instance FROM instance_group_member
            WHERE instance_group = :group AND instance > :after
            ORDER BY instance LIMIT :limit
            """)
        .bind("group", group)
        .bind("after", page.after())
        .bind("limit", page.size() + 1)
        .mapTo(String.class)
        .list();
  }

  @Override
  public void setNamedPorts(SetNamedPortsRequest request, StreamObserver<InstanceGroup> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name(request.getName());
          return run(
              name,
              Requests.context(request, request.getRequestId()),
              _ -> new SetNamedPorts(name, request.getNamedPortsList(), request.getFingerprint()));
        });
  }

  @Override
  public void deleteInstanceGroup(
      DeleteInstanceGroupRequest request, StreamObserver<DeleteInstanceGroupResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name(request.getName());
          var started =
              runner
                  .run(
                      name,
                      new StartDeletion(name),
                      Requests.context(request, request.getRequestId()))
                  .orThrow();
          long version =
              deletions.conclude(
                  deletion,
                  DeletableInstanceGroups.started(started.state(), started.version())
                      .orElseThrow(() -> new IllegalStateException("no deletion of " + name)));
          return DeleteInstanceGroupResponse.newBuilder()
              .setChangeToken(Contents.token(name, version))
              .build();
        });
  }

  private InstanceGroup run(
      String name, CommandContext context, Function<Handle, InstanceGroupCommand> command) {
    Done<InstanceGroupState> done = runner.run(name, context, command).orThrow();
    return answer(
        new ResourceTable.Row<>(name, requireNonNull(done.state().group()), done.version()));
  }

  private static String name(String requested) {
    return ResourceName.parse("name", requested, Scope.ZONE, COLLECTION).toString();
  }

  private static InstanceGroup answer(ResourceTable.Row<InstanceGroup> row) {
    return row.content().toBuilder()
        .setFingerprint(InstanceGroupDecider.fingerprint(row.content()))
        .setChangeToken(Contents.token(row.name(), row.version()))
        .build();
  }
}
