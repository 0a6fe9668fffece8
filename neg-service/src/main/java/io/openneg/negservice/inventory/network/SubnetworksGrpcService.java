package io.openneg.negservice.inventory.network;

import static java.util.Objects.requireNonNull;

import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.Outcome.Done;
import io.openneg.eventlog.RejectedException;
import io.openneg.neg.v1.CreateSubnetworkRequest;
import io.openneg.neg.v1.DeleteSubnetworkRequest;
import io.openneg.neg.v1.DeleteSubnetworkResponse;
import io.openneg.neg.v1.ExpandIpCidrRangeRequest;
import io.openneg.neg.v1.GetSubnetworkRequest;
import io.openneg.neg.v1.ListSubnetworksRequest;
import io.openneg.neg.v1.ListSubnetworksResponse;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.neg.v1.SubnetworksGrpc;
import io.openneg.neg.v1.UpdateSubnetworkRequest;
import io.openneg.negservice.inventory.network.NetworkCommand.CreateSubnetwork;
import io.openneg.negservice.inventory.network.NetworkCommand.DeleteSubnetwork;
import io.openneg.negservice.inventory.network.NetworkCommand.Expand;
import io.openneg.negservice.inventory.network.NetworkCommand.UpdateSubnetwork;
import io.openneg.negservice.inventory.resource.Contents;
import io.openneg.negservice.inventory.resource.Refusals;
import io.openneg.negservice.inventory.resource.ResourceTable;
import io.openneg.negservice.inventory.resource.ResourceTable.Wanted;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.catalogue.Catalogue;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/** The API of subnetworks. Their commands go to the stream of their network. */
@GrpcService
public class SubnetworksGrpcService extends SubnetworksGrpc.SubnetworksImplBase {
  private static final String COLLECTION = "subnetworks";

  private final Jdbi jdbi;
  private final Networks networks;
  private final Catalogue catalogue;

  @Inject
  SubnetworksGrpcService(EventLogRuntime runtime, Networks networks, Catalogue catalogue) {
    this.jdbi = runtime.jdbi();
    this.networks = networks;
    this.catalogue = catalogue;
  }

  @Override
  public void createSubnetwork(CreateSubnetworkRequest request, StreamObserver<Subnetwork> reply) {
    Replies.answer(reply, () -> create(request));
  }

  private Subnetwork create(CreateSubnetworkRequest request) {
    ResourceName name =
        ResourceName.of(
            request.getParent(),
            Scope.REGION,
            COLLECTION,
            "subnetwork_id",
            request.getSubnetworkId());
    catalogue.checkRegionIn(name);
    Subnetwork wanted = request.getSubnetwork();
    String network = networkOf(wanted, name.project());
    CommandContext context = Requests.context(request, request.getRequestId());
    String full = name.toString();
    try {
      var done =
          networks.run(
              network,
              context,
              tx ->
                  new CreateSubnetwork(
                      network,
                      full,
                      Contents.newId(),
                      Networks.now(context),
                      wanted,
                      !Networks.taken(tx, network, List.of(full)).isEmpty(),
                      networks.lab()));
      return answer(full, done);
    } catch (RejectedException e) {
      // What was not found is not what was asked for, but what it is to be in.
      throw e.rejection().reason().equals("NOT_FOUND")
          ? new RejectedException(Refusals.missing("subnetwork.network", network))
          : e;
    }
  }

  private String networkOf(Subnetwork wanted, String project) {
    if (!ResourceName.isName(wanted.getNetwork(), Scope.GLOBAL, "networks")
        || !wanted.getNetwork().startsWith("projects/" + project + "/")) {
      throw new RejectedException(
          Refusals.invalid(
              "subnetwork.network", "must be projects/%s/global/networks/{id}".formatted(project)));
    }
    networks.ensureDefault(project);
    return wanted.getNetwork();
  }

  @Override
  public void getSubnetwork(GetSubnetworkRequest request, StreamObserver<Subnetwork> reply) {
    Replies.answer(reply, () -> answer(row(request.getName(), "name")));
  }

  @Override
  public void listSubnetworks(
      ListSubnetworksRequest request, StreamObserver<ListSubnetworksResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String prefix = ResourceName.prefix(request.getParent(), Scope.REGION, COLLECTION);
          networks.ensureDefault(prefix.split("/", -1)[1]);
          var page =
              ResourceTable.SUBNETWORKS.list(
                  jdbi,
                  new Wanted(
                      prefix, request.getPageSize(), request.getPageToken(), request.getFilter()),
                  SubnetworksGrpcService::answer);
          return ListSubnetworksResponse.newBuilder()
              .addAllSubnetworks(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void updateSubnetwork(UpdateSubnetworkRequest request, StreamObserver<Subnetwork> reply) {
    Replies.answer(
        reply,
        () -> {
          var row = row(request.getSubnetwork().getName(), "subnetwork.name");
          String network = row.content().getNetwork();
          String subnetwork = row.name();
          return answer(
              subnetwork,
              networks.run(
                  network,
                  Requests.context(request, request.getRequestId()),
                  tx ->
                      new UpdateSubnetwork(
                          network,
                          subnetwork,
                          request.getSubnetwork(),
                          Networks.usedRanges(tx, network, subnetwork),
                          networks.lab())));
        });
  }

  @Override
  public void expandIpCidrRange(
      ExpandIpCidrRangeRequest request, StreamObserver<Subnetwork> reply) {
    Replies.answer(
        reply,
        () -> {
          var row = row(request.getName(), "name");
          String network = row.content().getNetwork();
          String subnetwork = row.name();
          return answer(
              subnetwork,
              networks.run(
                  network,
                  Requests.context(request, request.getRequestId()),
                  _ -> new Expand(network, subnetwork, request.getIpCidrRange(), networks.lab())));
        });
  }

  @Override
  public void deleteSubnetwork(
      DeleteSubnetworkRequest request, StreamObserver<DeleteSubnetworkResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String subnetwork =
              ResourceName.parse("name", request.getName(), Scope.REGION, COLLECTION).toString();
          CommandContext context = Requests.context(request, request.getRequestId());
          // A repeat finds no subnetwork any more, and is to be answered as before.
          String network =
              networks
                  .streamOf(context)
                  .orElseGet(() -> row(request.getName(), "name").content().getNetwork());
          var done =
              networks.run(
                  network,
                  context,
                  tx ->
                      new DeleteSubnetwork(
                          network,
                          subnetwork,
                          Networks.usersOfSubnetwork(tx, network, subnetwork)));
          return DeleteSubnetworkResponse.newBuilder()
              .setChangeToken(Contents.token(network, done.version()))
              .build();
        });
  }

  private ResourceTable.Row<Subnetwork> row(String requested, String field) {
    ResourceName name = ResourceName.parse(field, requested, Scope.REGION, COLLECTION);
    networks.ensureDefault(name.project());
    return jdbi.withHandle(h -> ResourceTable.SUBNETWORKS.get(h, name.toString()))
        .orElseThrow(() -> new RejectedException(Refusals.notFound(name.toString())));
  }

  private static Subnetwork answer(String name, Done<NetworkState> done) {
    return answer(
        new ResourceTable.Row<>(
            name, requireNonNull(done.state().subnetworks().get(name)), done.version()));
  }

  private static Subnetwork answer(ResourceTable.Row<Subnetwork> row) {
    Subnetwork subnetwork = row.content();
    return subnetwork.toBuilder()
        .setFingerprint(Fingerprint.of(subnetwork))
        .setChangeToken(Contents.token(subnetwork.getNetwork(), row.version()))
        .build();
  }
}
