package io.openneg.negservice.neg;

import com.google.protobuf.Timestamp;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointType;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import io.openneg.serviceruntime.api.WireTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The domain's records as the published messages, and back. */
final class NegMessages {
  private NegMessages() {}

  /** As in answers. */
  static NetworkEndpointGroup group(NegDefinition definition, int size, long version) {
    return definition(definition).toBuilder()
        .setSize(size)
        .setChangeToken(changeToken(definition.name(), version))
        .build();
  }

  /** What the answer reflects; grows with the stream. */
  static String changeToken(String name, long version) {
    return name + "@" + version;
  }

  /** As in events. */
  static NetworkEndpointGroup definition(NegDefinition definition) {
    NetworkEndpointGroup.Builder message =
        NetworkEndpointGroup.newBuilder()
            .setName(definition.name())
            .setId(definition.id())
            .setCreationTimestamp(WireTime.timestamp(definition.createdAt()))
            .setDescription(definition.description())
            .setNetworkEndpointType(type(definition.type()))
            .setNetwork(definition.network())
            .putAllAnnotations(definition.annotations());
    message.setSubnetwork(definition.subnetwork());
    definition.defaultPort().ifPresent(message::setDefaultPort);
    return message.build();
  }

  /**
   * @param networkId 0: from before networks were known
   */
  static NegDefinition definition(NetworkEndpointGroup message, long networkId) {
    Timestamp createdAt = message.getCreationTimestamp();
    return new NegDefinition(
        message.getName(),
        message.getId(),
        Instant.ofEpochSecond(createdAt.getSeconds(), createdAt.getNanos()),
        message.getDescription(),
        recordedType(message.getNetworkEndpointType()),
        message.getNetwork(),
        defaultPort(message),
        message.getAnnotationsMap(),
        networkId == 0 ? OptionalLong.empty() : OptionalLong.of(networkId),
        message.getSubnetwork());
  }

  static NetworkEndpoint endpoint(Endpoint endpoint) {
    return NetworkEndpoint.newBuilder()
        .setInstance(endpoint.instance())
        .setIpAddress(endpoint.address().ip().toString())
        .setPort(endpoint.address().port())
        .putAllAnnotations(endpoint.annotations())
        .build();
  }

  /**
   * @param range empty: of no known instance
   */
  static Endpoint endpoint(NetworkEndpoint message, String range) {
    return new Endpoint(
        message.getInstance(),
        address(message.getIpAddress(), message.getPort()),
        message.getAnnotationsMap(),
        range(range));
  }

  /**
   * @throws IllegalArgumentException when it is neither a range nor empty
   */
  static Optional<Ipv4Range> range(String range) {
    return range.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Ipv4Range.parse(range)
                .orElseThrow(() -> new IllegalArgumentException("not an IPv4 range: " + range)));
  }

  /** Empty: of no known instance. */
  static String range(Endpoint endpoint) {
    return endpoint.range().map(Ipv4Range::toString).orElse("");
  }

  static io.openneg.neg.v1.EndpointAddress address(EndpointAddress address) {
    return io.openneg.neg.v1.EndpointAddress.newBuilder()
        .setIpAddress(address.ip().toString())
        .setPort(address.port())
        .build();
  }

  static io.openneg.neg.v1.RejectedEndpoint rejected(RejectedEndpoint rejected) {
    var message =
        io.openneg.neg.v1.RejectedEndpoint.newBuilder()
            .setIndex(rejected.index())
            .setReason(rejected.reason());
    rejected
        .faults()
        .forEach(
            fault ->
                message
                    .addFaultsBuilder()
                    .setField(fault.subject())
                    .setDescription(fault.description()));
    return message.build();
  }

  /**
   * @throws IllegalArgumentException when it is not an address
   */
  static EndpointAddress address(String ip, int port) {
    return new EndpointAddress(
        Ipv4Address.parse(ip)
            .orElseThrow(() -> new IllegalArgumentException("not an IPv4 address: " + ip)),
        port);
  }

  static EndpointRequest requested(NetworkEndpoint message) {
    return new EndpointRequest(
        message.getInstance(),
        message.getIpAddress(),
        message.hasPort() ? OptionalInt.of(message.getPort()) : OptionalInt.empty(),
        message.getAnnotationsMap());
  }

  static OptionalInt defaultPort(NetworkEndpointGroup message) {
    return message.hasDefaultPort()
        ? OptionalInt.of(message.getDefaultPort())
        : OptionalInt.empty();
  }

  /**
   * @throws RejectedException INVALID_ARGUMENT when this version does not know it
   */
  static EndpointType requestedType(NetworkEndpointType type) {
    return switch (type) {
      case NETWORK_ENDPOINT_TYPE_UNSPECIFIED, GCE_VM_IP_PORT -> EndpointType.GCE_VM_IP_PORT;
      case NON_GCP_PRIVATE_IP_PORT -> EndpointType.NON_GCP_PRIVATE_IP_PORT;
      case UNRECOGNIZED -> {
        String field = "network_endpoint_group.network_endpoint_type";
        String rule = "must be GCE_VM_IP_PORT or NON_GCP_PRIVATE_IP_PORT";
        throw new RejectedException(
            new Rejection(
                Kind.INVALID_ARGUMENT,
                "INVALID_ARGUMENT",
                "Invalid value for field '%s': it %s.".formatted(field, rule),
                List.of(new Violation(field, rule))));
      }
    };
  }

  private static EndpointType recordedType(NetworkEndpointType type) {
    return switch (type) {
      case GCE_VM_IP_PORT -> EndpointType.GCE_VM_IP_PORT;
      case NON_GCP_PRIVATE_IP_PORT -> EndpointType.NON_GCP_PRIVATE_IP_PORT;
      case NETWORK_ENDPOINT_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("not the type of a group: " + type);
    };
  }

  private static NetworkEndpointType type(EndpointType type) {
    return switch (type) {
      case GCE_VM_IP_PORT -> NetworkEndpointType.GCE_VM_IP_PORT;
      case NON_GCP_PRIVATE_IP_PORT -> NetworkEndpointType.NON_GCP_PRIVATE_IP_PORT;
    };
  }
}
