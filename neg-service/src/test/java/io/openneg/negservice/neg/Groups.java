package io.openneg.negservice.neg;

import io.openneg.negservice.neg.Interfaces.Interface;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegCommand.Census;
import io.openneg.negservice.neg.NegCommand.ConcludeDeletion;
import io.openneg.negservice.neg.NegCommand.CreateNeg;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A group to tell stories about: type GCE_VM_IP_PORT, default port 8080. */
final class Groups {
  static final String NAME = "projects/shop/zones/eu-west1-b/networkEndpointGroups/web";
  static final long ID = 4711;
  static final String NETWORK = "projects/shop/global/networks/default";
  static final long NETWORK_ID = 17;
  static final String SUBNETWORK = "projects/shop/regions/eu-west1/subnetworks/default";

  static final Ipv4Range EVERYTHING = Ipv4Range.parse("0.0.0.0/0").orElseThrow();
  private static final Ipv4Address FIRST_ADDRESS = Ipv4Address.parse("10.0.0.1").orElseThrow();

  /** Every address there is belongs to vm-1, and to each of some others. */
  static final Interfaces INTERFACES = interfaces("vm-1", "vm-2", "vm-9", "v" + "m".repeat(62));

  static final Instant NOW = Instant.parse("2026-11-23T08:00:00.123456Z");

  private Groups() {}

  static NegDefinition definition(EndpointType type, OptionalInt defaultPort) {
    return new NegDefinition(
        NAME,
        ID,
        NOW,
        "",
        type,
        NETWORK,
        defaultPort,
        Map.of(),
        OptionalLong.of(NETWORK_ID),
        type == EndpointType.GCE_VM_IP_PORT ? SUBNETWORK : "");
  }

  static NegCreated created() {
    return created(EndpointType.GCE_VM_IP_PORT, OptionalInt.of(8080));
  }

  static NegCreated created(EndpointType type, OptionalInt defaultPort) {
    return new NegCreated(definition(type, defaultPort));
  }

  static CreateNeg createNeg() {
    return createNeg("", OptionalInt.of(8080), "", Map.of(), new Census(0, 100));
  }

  static CreateNeg createNeg(
      String network,
      OptionalInt defaultPort,
      String description,
      Map<String, String> annotations,
      Census census) {
    return new CreateNeg(
        NAME,
        "shop",
        ID,
        NOW,
        description,
        EndpointType.GCE_VM_IP_PORT,
        "",
        network(network.isEmpty() ? NETWORK : network),
        defaultPort,
        annotations,
        census);
  }

  /** In auto mode. */
  static NegNetwork network(String name) {
    return new NegNetwork(
        "eu-west1",
        name,
        OptionalLong.of(NETWORK_ID),
        false,
        Optional.of(SUBNETWORK),
        Optional.empty());
  }

  private static Interfaces interfaces(String... instances) {
    Map<String, Optional<Interface>> interfaces = new HashMap<>();
    for (String instance : instances) {
      interfaces.put(
          instance, Optional.of(new Interface(SUBNETWORK, FIRST_ADDRESS, List.of(EVERYTHING))));
    }
    return new Interfaces(interfaces);
  }

  static EndpointAddress address(String text) {
    return EndpointAddress.parse(text).orElseThrow();
  }

  static EndpointAttached attached(String address) {
    return new EndpointAttached(on("vm-1", address(address), Map.of()));
  }

  /** As it is attached: of an instance to which all addresses belong. */
  static Endpoint on(String instance, EndpointAddress address, Map<String, String> annotations) {
    return new Endpoint(instance, address, annotations, Optional.of(EVERYTHING));
  }

  static EndpointDetached detached(String address) {
    return new EndpointDetached(address(address));
  }

  /** {@code ip} or {@code ip:port}, on the instance {@code vm-1}. */
  static EndpointRequest at(String text) {
    String[] parts = text.split(":", -1);
    return new EndpointRequest(
        "vm-1",
        parts[0],
        parts.length == 1 ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(parts[1])),
        Map.of());
  }

  static AttachEndpoints attach(String... addresses) {
    return attach(requests(addresses));
  }

  static AttachEndpoints attach(EndpointRequest... endpoints) {
    return attach(List.of(endpoints));
  }

  static AttachEndpoints attach(List<EndpointRequest> endpoints) {
    return new AttachEndpoints(NAME, endpoints, false, INTERFACES, BadEndpoint.REFUSES);
  }

  static DetachEndpoints detach(EndpointRequest... endpoints) {
    return new DetachEndpoints(NAME, List.of(endpoints), BadEndpoint.REFUSES);
  }

  static DetachEndpoints detach(String... addresses) {
    return new DetachEndpoints(NAME, requests(addresses), BadEndpoint.REFUSES);
  }

  /** On a group with these endpoints. */
  static SetEndpoints set(List<EndpointRequest> endpoints, Endpoint... attached) {
    Map<EndpointAddress, Endpoint> details = new HashMap<>();
    for (Endpoint endpoint : attached) {
      details.put(endpoint.address(), endpoint);
    }
    return new SetEndpoints(NAME, endpoints, false, INTERFACES, details, BadEndpoint.REFUSES);
  }

  static List<EndpointRequest> requests(String... addresses) {
    List<EndpointRequest> requests = new ArrayList<>();
    for (String address : addresses) {
      requests.add(at(address));
    }
    return requests;
  }

  static ConcludeDeletion conclude(int refusedBefore, String... users) {
    return new ConcludeDeletion(NAME, ID, refusedBefore, List.of(users));
  }
}
