package io.openneg.local.bench;

import com.google.protobuf.Message;
import io.openneg.local.client.Api;
import io.openneg.neg.v1.AttachNetworkEndpointsRequest;
import io.openneg.neg.v1.CreateNetworkEndpointGroupRequest;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.ListNetworkEndpointsRequest;
import io.openneg.neg.v1.ListNetworkEndpointsResponse;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointType;
import io.openneg.neg.v1.SetNetworkEndpointsRequest;
import java.util.List;
import java.util.stream.IntStream;

/** One group of endpoints outside of any instance, all with one port. Thread-safe. */
final class GroupClient {
  static final int PORT = 8080;

  private final Api api;
  private final String name;

  /** Creates the group. */
  GroupClient(Api api, String parent, String id) {
    this.api = api;
    this.name =
        api.negs()
            .createNetworkEndpointGroup(
                CreateNetworkEndpointGroupRequest.newBuilder()
                    .setParent(parent)
                    .setNetworkEndpointGroupId(id)
                    .setNetworkEndpointGroup(
                        NetworkEndpointGroup.newBuilder()
                            .setNetworkEndpointType(NetworkEndpointType.NON_GCP_PRIVATE_IP_PORT)
                            .setDefaultPort(PORT))
                    .build())
            .getName();
  }

  /** 10.{@code block}.0.0 and those behind it. */
  static List<String> ips(int block, int count) {
    return IntStream.range(0, count).mapToObj(n -> ip(block, n)).toList();
  }

  /** Number {@code n} of a block, up to 65,535. */
  static String ip(int block, int n) {
    return "10.%d.%d.%d".formatted(block, n >> 8, n & 255);
  }

  Message attach(List<String> ips) {
    return api.negs()
        .attachNetworkEndpoints(
            AttachNetworkEndpointsRequest.newBuilder()
                .setName(name)
                .addAllNetworkEndpoints(endpoints(ips))
                .build());
  }

  Message detach(List<String> ips) {
    return api.negs()
        .detachNetworkEndpoints(
            DetachNetworkEndpointsRequest.newBuilder()
                .setName(name)
                .addAllNetworkEndpoints(endpoints(ips))
                .build());
  }

  Message set(List<String> ips) {
    return api.negs()
        .setNetworkEndpoints(
            SetNetworkEndpointsRequest.newBuilder()
                .setName(name)
                .addAllNetworkEndpoints(endpoints(ips))
                .build());
  }

  /**
   * Reads all pages.
   *
   * @param version 0: as it is
   * @return how many endpoints there are
   */
  int list(int pageSize, long version) {
    var request = ListNetworkEndpointsRequest.newBuilder().setName(name).setPageSize(pageSize);
    if (version > 0) {
      request.setAtVersion(version);
    }
    int count = 0;
    do {
      ListNetworkEndpointsResponse page = api.negs().listNetworkEndpoints(request.build());
      count += page.getNetworkEndpointsCount();
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return count;
  }

  private static List<NetworkEndpoint> endpoints(List<String> ips) {
    return ips.stream().map(ip -> NetworkEndpoint.newBuilder().setIpAddress(ip).build()).toList();
  }
}
