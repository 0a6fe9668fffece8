package io.openneg.negservice.inventory.network;

import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.RejectedException;
import io.openneg.neg.v1.CreateNetworkRequest;
import io.openneg.neg.v1.DeleteNetworkRequest;
import io.openneg.neg.v1.DeleteNetworkResponse;
import io.openneg.neg.v1.GetNetworkRequest;
import io.openneg.neg.v1.ListNetworksRequest;
import io.openneg.neg.v1.ListNetworksResponse;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.NetworksGrpc;
import io.openneg.neg.v1.SwitchToCustomModeRequest;
import io.openneg.negservice.inventory.network.NetworkCommand.Delete;
import io.openneg.negservice.inventory.network.NetworkCommand.SwitchToCustomMode;
import io.openneg.negservice.inventory.resource.Contents;
import io.openneg.negservice.inventory.resource.FactLocks;
import io.openneg.negservice.inventory.resource.Refusals;
import io.openneg.negservice.inventory.resource.ResourceTable;
import io.openneg.negservice.inventory.resource.ResourceTable.Wanted;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/** The API of networks. */
@GrpcService
public class NetworksGrpcService extends NetworksGrpc.NetworksImplBase {
  private static final String COLLECTION = "networks";

  private final Jdbi jdbi;
  private final Networks networks;

  @Inject
  NetworksGrpcService(EventLogRuntime runtime, Networks networks) {
    this.jdbi = runtime.jdbi();
    this.networks = networks;
  }

  @Override
  public void createNetwork(CreateNetworkRequest request, StreamObserver<Network> reply) {
    Replies.answer(
        reply,
        () -> {
          ResourceName name =
              ResourceName.of(
                  request.getParent(),
                  Scope.GLOBAL,
                  COLLECTION,
                  "network_id",
                  request.getNetworkId());
          networks.ensureDefault(name.project());
          CommandContext context = Requests.context(request, request.getRequestId());
          var done =
              networks.run(
                  name.toString(),
                  context,
                  tx -> networks.create(tx, name.toString(), context, request.getNetwork()));
          return Networks.answer(done.state(), done.version());
        });
  }

  @Override
  public void getNetwork(GetNetworkRequest request, StreamObserver<Network> reply) {
    Replies.answer(
        reply,
        () -> {
          ResourceName name =
              ResourceName.parse("name", request.getName(), Scope.GLOBAL, COLLECTION);
          networks.ensureDefault(name.project());
          return jdbi.withHandle(h -> ResourceTable.NETWORKS.get(h, name.toString()))
              .map(NetworksGrpcService::answer)
              .orElseThrow(() -> new RejectedException(Refusals.notFound(name.toString())));
        });
  }

  @Override
  public void listNetworks(
      ListNetworksRequest request, StreamObserver<ListNetworksResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String prefix = ResourceName.prefix(request.getParent(), Scope.GLOBAL, COLLECTION);
          networks.ensureDefault(prefix.split("/", -1)[1]);
          var page =
              ResourceTable.NETWORKS.list(
                  jdbi,
                  new Wanted(
                      prefix, request.getPageSize(), request.getPageToken(), request.getFilter()),
                  NetworksGrpcService::answer);
          return ListNetworksResponse.newBuilder()
              .addAllNetworks(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void switchToCustomMode(SwitchToCustomModeRequest request, StreamObserver<Network> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name(request.getName());
          var done =
              networks.run(
                  name,
                  Requests.context(request, request.getRequestId()),
                  _ -> new SwitchToCustomMode(name));
          return Networks.answer(done.state(), done.version());
        });
  }

  @Override
  public void deleteNetwork(
      DeleteNetworkRequest request, StreamObserver<DeleteNetworkResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = name(request.getName());
          var done =
              networks.run(
                  name,
                  Requests.context(request, request.getRequestId()),
                  tx -> {
                    FactLocks.exclusive(tx, List.of(name));
                    return new Delete(name, Networks.users(tx, name));
                  });
          return DeleteNetworkResponse.newBuilder()
              .setChangeToken(Contents.token(name, done.version()))
              .build();
        });
  }

  /** Of any project: its default network may be meant. */
  private String name(String requested) {
    ResourceName name = ResourceName.parse("name", requested, Scope.GLOBAL, COLLECTION);
    networks.ensureDefault(name.project());
    return name.toString();
  }

  private static Network answer(ResourceTable.Row<Network> row) {
    return row.content().toBuilder()
        .setChangeToken(Contents.token(row.name(), row.version()))
        .build();
  }
}
