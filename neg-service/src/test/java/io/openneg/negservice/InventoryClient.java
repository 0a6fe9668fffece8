package io.openneg.negservice;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.openneg.neg.v1.AliasIpRange;
import io.openneg.neg.v1.AttachNetworkEndpointsRequest;
import io.openneg.neg.v1.CreateInstanceRequest;
import io.openneg.neg.v1.CreateNetworkEndpointGroupRequest;
import io.openneg.neg.v1.CreateNetworkRequest;
import io.openneg.neg.v1.CreateSubnetworkRequest;
import io.openneg.neg.v1.DeleteInstanceRequest;
import io.openneg.neg.v1.GetInstanceRequest;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.InstanceGroupsGrpc;
import io.openneg.neg.v1.InstanceGroupsGrpc.InstanceGroupsBlockingStub;
import io.openneg.neg.v1.InstancesGrpc;
import io.openneg.neg.v1.InstancesGrpc.InstancesBlockingStub;
import io.openneg.neg.v1.ListNetworkEndpointsRequest;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointGroupsGrpc;
import io.openneg.neg.v1.NetworkEndpointGroupsGrpc.NetworkEndpointGroupsBlockingStub;
import io.openneg.neg.v1.NetworkInterface;
import io.openneg.neg.v1.NetworksGrpc;
import io.openneg.neg.v1.NetworksGrpc.NetworksBlockingStub;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.neg.v1.SubnetworksGrpc;
import io.openneg.neg.v1.SubnetworksGrpc.SubnetworksBlockingStub;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A client of the inventory over a real channel, in a project of its own. */
final class InventoryClient implements AutoCloseable {
  static final String ZONE = "eu-west1-b";
  static final String REGION = "eu-west1";

  private final ManagedChannel channel;
  private final String project;

  InventoryClient(URI service, String project) {
    this.channel =
        Grpc.newChannelBuilder(
                "dns:///127.0.0.1:" + service.getPort(), InsecureChannelCredentials.create())
            .build();
    this.project = project;
  }

  String network(String id) {
    return "projects/%s/global/networks/%s".formatted(project, id);
  }

  String subnetwork(String id) {
    return "projects/%s/regions/%s/subnetworks/%s".formatted(project, REGION, id);
  }

  String zone() {
    return "projects/%s/zones/%s".formatted(project, ZONE);
  }

  String instance(String id) {
    return zone() + "/instances/" + id;
  }

  String group(String id) {
    return zone() + "/instanceGroups/" + id;
  }

  String neg(String id) {
    return zone() + "/networkEndpointGroups/" + id;
  }

  NetworksBlockingStub networks() {
    return NetworksGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  SubnetworksBlockingStub subnetworks() {
    return SubnetworksGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  InstancesBlockingStub instances() {
    return InstancesGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  InstanceGroupsBlockingStub groups() {
    return InstanceGroupsGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  NetworkEndpointGroupsBlockingStub negs() {
    return NetworkEndpointGroupsGrpc.newBlockingStub(channel)
        .withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  Network createNetwork(String id, Network network) {
    return networks()
        .createNetwork(
            CreateNetworkRequest.newBuilder()
                .setParent("projects/" + project + "/global")
                .setNetworkId(id)
                .setNetwork(network)
                .build());
  }

  Network createCustomNetwork(String id) {
    return createNetwork(id, Network.newBuilder().setAutoCreateSubnetworks(false).build());
  }

  Subnetwork createSubnetwork(String id, Subnetwork.Builder subnetwork) {
    return subnetworks()
        .createSubnetwork(
            CreateSubnetworkRequest.newBuilder()
                .setParent("projects/%s/regions/%s".formatted(project, REGION))
                .setSubnetworkId(id)
                .setSubnetwork(subnetwork)
                .build());
  }

  Subnetwork createSubnetwork(String id, String network, String range) {
    return createSubnetwork(
        id, Subnetwork.newBuilder().setNetwork(network(network)).setIpCidrRange(range));
  }

  Instance createInstance(String id, NetworkInterface.Builder... nics) {
    Instance.Builder instance = Instance.newBuilder();
    for (NetworkInterface.Builder nic : nics) {
      instance.addNetworkInterfaces(nic);
    }
    return instances()
        .createInstance(
            CreateInstanceRequest.newBuilder()
                .setParent(zone())
                .setInstanceId(id)
                .setInstance(instance)
                .build());
  }

  Instance getInstance(String id) {
    return instances().getInstance(GetInstanceRequest.newBuilder().setName(instance(id)).build());
  }

  void deleteInstance(String id, boolean force) {
    instances()
        .deleteInstance(
            DeleteInstanceRequest.newBuilder().setName(instance(id)).setForce(force).build());
  }

  /** In the network {@code default}, with these aliases. */
  static NetworkInterface.Builder nic(String ip, String... aliases) {
    NetworkInterface.Builder nic = NetworkInterface.newBuilder().setNetworkIp(ip);
    for (String alias : aliases) {
      nic.addAliasIpRanges(AliasIpRange.newBuilder().setIpCidrRange(alias));
    }
    return nic;
  }

  NetworkEndpointGroup createNeg(String id) {
    return createNeg(id, NetworkEndpointGroup.newBuilder());
  }

  NetworkEndpointGroup createNeg(String id, NetworkEndpointGroup.Builder group) {
    return negs()
        .createNetworkEndpointGroup(
            CreateNetworkEndpointGroupRequest.newBuilder()
                .setParent(zone())
                .setNetworkEndpointGroupId(id)
                .setNetworkEndpointGroup(group.setDefaultPort(8080))
                .build());
  }

  void attach(String neg, String instance, String ip) {
    attach(
        neg, List.of(NetworkEndpoint.newBuilder().setInstance(instance).setIpAddress(ip).build()));
  }

  void attach(String neg, List<NetworkEndpoint> endpoints) {
    negs()
        .attachNetworkEndpoints(
            AttachNetworkEndpointsRequest.newBuilder()
                .setName(neg(neg))
                .addAllNetworkEndpoints(endpoints)
                .build());
  }

  List<String> members(String neg) {
    return negs()
        .listNetworkEndpoints(
            ListNetworkEndpointsRequest.newBuilder().setName(neg(neg)).setPageSize(10_000).build())
        .getNetworkEndpointsList()
        .stream()
        .map(e -> e.getInstance() + " " + e.getIpAddress() + ":" + e.getPort())
        .toList();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
