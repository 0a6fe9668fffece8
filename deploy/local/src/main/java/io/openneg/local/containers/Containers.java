package io.openneg.local.containers;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.openneg.local.client.Api;
import io.openneg.neg.v1.AliasIpRange;
import io.openneg.neg.v1.CreateInstanceRequest;
import io.openneg.neg.v1.CreateNetworkEndpointGroupRequest;
import io.openneg.neg.v1.CreateNetworkRequest;
import io.openneg.neg.v1.CreateSubnetworkRequest;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkInterface;
import io.openneg.neg.v1.SecondaryRange;
import io.openneg.neg.v1.SetNetworkEndpointsRequest;
import io.openneg.neg.v1.Subnetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The seed's example: two VMs, each with an alias IP range for its containers, and in each the
 * containers of two microservices, {@code web} and {@code cart}, which are network endpoint groups.
 * The ranges are loopback, so that the containers are HTTP servers of this process.
 */
public final class Containers implements AutoCloseable {
  private static final List<String> SERVICES = List.of("web", "cart");
  private static final int VMS = 2;

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();

  private Containers() {}

  /**
   * Starts the containers, and creates what of their inventory is not there yet.
   *
   * @param project such as {@code projects/demo}
   * @param zone whose region is the part before the last hyphen
   * @param port of all containers; each has an IP address of its own
   * @throws IOException when a container cannot listen there
   */
  public static Containers start(Api api, String project, String zone, int port)
      throws IOException {
    var containers = new Containers();
    try {
      for (int vm = 1; vm <= VMS; vm++) {
        for (String service : SERVICES) {
          containers.listen(service + " on vm-" + vm, address(vm, service), port);
        }
      }
      inventory(api, project, zone);
      for (String service : SERVICES) {
        group(api, project, zone, service, port);
      }
      return containers;
    } catch (IOException | RuntimeException e) {
      containers.close();
      throw e;
    }
  }

  /** In the alias range of its VM: the same in both but for the VM. */
  private static String address(int vm, String service) {
    return "127.17.%d.%d".formatted(vm, 10 + SERVICES.indexOf(service));
  }

  private void listen(String name, String ip, int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(ip), port), 0);
    byte[] body = (name + "\n").getBytes(StandardCharsets.UTF_8);
    server.setExecutor(executor);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    servers.add(server);
    lines.add("%-12s http://%s:%d/".formatted(name, ip, port));
  }

  private static void inventory(Api api, String project, String zone) {
    String network = project + "/global/networks/shop";
    unlessThere(
        () ->
            api.networks()
                .createNetwork(
                    CreateNetworkRequest.newBuilder()
                        .setParent(project + "/global")
                        .setNetworkId("shop")
                        .setNetwork(Network.newBuilder().setAutoCreateSubnetworks(false))
                        .build()));
    unlessThere(
        () ->
            api.subnetworks()
                .createSubnetwork(
                    CreateSubnetworkRequest.newBuilder()
                        .setParent(project + "/regions/" + region(zone))
                        .setSubnetworkId("shop")
                        .setSubnetwork(
                            Subnetwork.newBuilder()
                                .setNetwork(network)
                                .setIpCidrRange("127.16.0.0/24")
                                .addSecondaryIpRanges(
                                    SecondaryRange.newBuilder()
                                        .setRangeName("containers")
                                        .setIpCidrRange("127.17.0.0/16")))
                        .build()));
    for (int vm = 1; vm <= VMS; vm++) {
      var nic =
          NetworkInterface.newBuilder()
              .setNetwork(network)
              .setSubnetwork(subnetwork(project, zone))
              .addAliasIpRanges(
                  AliasIpRange.newBuilder()
                      .setSubnetworkRangeName("containers")
                      .setIpCidrRange("127.17.%d.0/24".formatted(vm)));
      String id = "vm-" + vm;
      unlessThere(
          () ->
              api.instances()
                  .createInstance(
                      CreateInstanceRequest.newBuilder()
                          .setParent(project + "/zones/" + zone)
                          .setInstanceId(id)
                          .setInstance(Instance.newBuilder().addNetworkInterfaces(nic))
                          .build()));
    }
  }

  private static void group(Api api, String project, String zone, String service, int port) {
    unlessThere(
        () ->
            api.negs()
                .createNetworkEndpointGroup(
                    CreateNetworkEndpointGroupRequest.newBuilder()
                        .setParent(project + "/zones/" + zone)
                        .setNetworkEndpointGroupId(service)
                        .setNetworkEndpointGroup(
                            NetworkEndpointGroup.newBuilder()
                                .setNetwork(project + "/global/networks/shop")
                                .setSubnetwork(subnetwork(project, zone)))
                        .build()));
    var endpoints =
        SetNetworkEndpointsRequest.newBuilder()
            .setName("%s/zones/%s/networkEndpointGroups/%s".formatted(project, zone, service));
    for (int vm = 1; vm <= VMS; vm++) {
      endpoints.addNetworkEndpoints(
          NetworkEndpoint.newBuilder()
              .setInstance("vm-" + vm)
              .setIpAddress(address(vm, service))
              .setPort(port));
    }
    var _ = api.negs().setNetworkEndpoints(endpoints.build());
  }

  private static String subnetwork(String project, String zone) {
    return "%s/regions/%s/subnetworks/shop".formatted(project, region(zone));
  }

  private static String region(String zone) {
    return zone.substring(0, zone.lastIndexOf('-'));
  }

  private static void unlessThere(Runnable creation) {
    try {
      creation.run();
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw e;
      }
    }
  }

  /** Each with its address, in a line. */
  @Override
  public String toString() {
    return String.join("\n", lines);
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
    executor.shutdownNow();
  }
}
