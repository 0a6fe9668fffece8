package io.openneg.negservice;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.openneg.eventlog.v1.EventsGrpc;
import io.openneg.eventlog.v1.EventsGrpc.EventsBlockingStub;
import io.openneg.neg.v1.AttachNetworkEndpointsRequest;
import io.openneg.neg.v1.CreateNetworkEndpointGroupRequest;
import io.openneg.neg.v1.DeleteNetworkEndpointGroupRequest;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.GetNetworkEndpointGroupRequest;
import io.openneg.neg.v1.ListNetworkEndpointsRequest;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointGroupsGrpc;
import io.openneg.neg.v1.NetworkEndpointGroupsGrpc.NetworkEndpointGroupsBlockingStub;
import io.openneg.neg.v1.NetworkEndpointType;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A client over a real channel, of groups with default port 8080 in a project of its own. */
final class NegClient implements AutoCloseable {
  static final String ZONE = "eu-west1-b";

  private final ManagedChannel channel;
  private final String project;

  NegClient(URI service, String project) {
    this.channel =
        Grpc.newChannelBuilder(
                "dns:///127.0.0.1:" + service.getPort(), InsecureChannelCredentials.create())
            .build();
    this.project = project;
  }

  NetworkEndpointGroupsBlockingStub stub() {
    return NetworkEndpointGroupsGrpc.newBlockingStub(channel)
        .withDeadlineAfter(120, TimeUnit.SECONDS);
  }

  /** Calls in somebody's name. */
  NetworkEndpointGroupsBlockingStub stub(String actor) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("openneg-actor", Metadata.ASCII_STRING_MARSHALLER), actor);
    return stub().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  EventsBlockingStub events() {
    return EventsGrpc.newBlockingStub(channel).withDeadlineAfter(120, TimeUnit.SECONDS);
  }

  String parent() {
    return "projects/%s/zones/%s".formatted(project, ZONE);
  }

  String name(String id) {
    return parent() + "/networkEndpointGroups/" + id;
  }

  NetworkEndpointGroup create(String id) {
    return stub().createNetworkEndpointGroup(createRequest(id).build());
  }

  CreateNetworkEndpointGroupRequest.Builder createRequest(String id) {
    return CreateNetworkEndpointGroupRequest.newBuilder()
        .setParent(parent())
        .setNetworkEndpointGroupId(id)
        .setNetworkEndpointGroup(
            NetworkEndpointGroup.newBuilder()
                .setNetworkEndpointType(NetworkEndpointType.NON_GCP_PRIVATE_IP_PORT)
                .setDefaultPort(8080));
  }

  NetworkEndpointGroup get(String id) {
    return stub()
        .getNetworkEndpointGroup(
            GetNetworkEndpointGroupRequest.newBuilder().setName(name(id)).build());
  }

  NetworkEndpointGroup attach(String id, String... ips) {
    return stub()
        .attachNetworkEndpoints(attachRequest(id, endpoints(ips)).build())
        .getNetworkEndpointGroup();
  }

  AttachNetworkEndpointsRequest.Builder attachRequest(String id, List<NetworkEndpoint> endpoints) {
    return AttachNetworkEndpointsRequest.newBuilder()
        .setName(name(id))
        .addAllNetworkEndpoints(endpoints);
  }

  NetworkEndpointGroup detach(String id, String... ips) {
    return stub()
        .detachNetworkEndpoints(
            DetachNetworkEndpointsRequest.newBuilder()
                .setName(name(id))
                .addAllNetworkEndpoints(endpoints(ips))
                .build())
        .getNetworkEndpointGroup();
  }

  /** The change token. */
  String delete(String id) {
    return delete(id, "");
  }

  String delete(String id, String requestId) {
    return stub()
        .deleteNetworkEndpointGroup(
            DeleteNetworkEndpointGroupRequest.newBuilder()
                .setName(name(id))
                .setRequestId(requestId)
                .build())
        .getChangeToken();
  }

  /** All of them, by pages, as {@code ip:port}. */
  List<String> members(String id, int pageSize) {
    List<String> members = new ArrayList<>();
    String token = "";
    do {
      var page =
          stub()
              .listNetworkEndpoints(
                  ListNetworkEndpointsRequest.newBuilder()
                      .setName(name(id))
                      .setPageSize(pageSize)
                      .setPageToken(token)
                      .build());
      page.getNetworkEndpointsList()
          .forEach(e -> members.add(e.getIpAddress() + ":" + e.getPort()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return members;
  }

  /** With the group's default port. */
  static List<NetworkEndpoint> endpoints(String... ips) {
    return Arrays.stream(ips)
        .map(ip -> NetworkEndpoint.newBuilder().setIpAddress(ip).build())
        .toList();
  }

  /** 10.{@code block}.0.0 and those behind it. */
  static String[] ips(int block, int count) {
    String[] ips = new String[count];
    Arrays.setAll(ips, i -> "10.%d.%d.%d".formatted(block, i >> 8, i & 0xff));
    return ips;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
