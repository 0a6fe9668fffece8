package io.openneg.edgeproxy.decode;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.ListenerConfig;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.config.ServerCertificate;
import io.openneg.edgeproxy.routing.RouteTable;
import java.util.function.Function;

/**
 * Decodes the resources of one type.
 *
 * @param <T> the configuration they are decoded to
 */
public final class Decoder<T> {

  public static final Decoder<ListenerConfig> LISTENERS =
      of(ResourceType.LISTENER, Listener.class, Listener::getName, ListenerReader::read);
  public static final Decoder<RouteTable> ROUTES =
      of(
          ResourceType.ROUTE,
          RouteConfiguration.class,
          RouteConfiguration::getName,
          config -> RouteReader.read(named(config)));
  public static final Decoder<ClusterConfig> CLUSTERS =
      of(ResourceType.CLUSTER, Cluster.class, Cluster::getName, ClusterReader::read);
  public static final Decoder<Assignment> ASSIGNMENTS =
      of(
          ResourceType.ENDPOINT,
          ClusterLoadAssignment.class,
          ClusterLoadAssignment::getClusterName,
          AssignmentReader::read);

  public static final Decoder<ServerCertificate> SECRETS =
      of(ResourceType.SECRET, Secret.class, Secret::getName, SecretReader::read);

  private final ResourceType type;
  private final Function<Any, Decoded<T>> decode;

  private Decoder(ResourceType type, Function<Any, Decoded<T>> decode) {
    this.type = type;
    this.decode = decode;
  }

  private static <M extends Message, T> Decoder<T> of(
      ResourceType type, Class<M> message, Function<M, String> nameOf, Function<M, T> reader) {
    return new Decoder<>(type, any -> decode(type, any, message, nameOf, reader));
  }

  private static RouteConfiguration named(RouteConfiguration config) {
    Fields.required(config.getName(), "name");
    return config;
  }

  public ResourceType type() {
    return type;
  }

  /** Never fails: what cannot be used is answered with the reason. */
  public Decoded<T> decode(Any resource) {
    return decode.apply(resource);
  }

  private static <M extends Message, T> Decoded<T> decode(
      ResourceType type,
      Any any,
      Class<M> messageType,
      Function<M, String> nameOf,
      Function<M, T> reader) {
    if (!any.getTypeUrl().equals(type.typeUrl())) {
      return new Decoded.Rejected<>(
          "",
          "a resource of type \"%s\" came with the %ss".formatted(any.getTypeUrl(), type.label()));
    }
    M message;
    try {
      message = any.unpack(messageType);
    } catch (InvalidProtocolBufferException e) {
      return new Decoded.Rejected<>(
          "", "a %s cannot be parsed: %s".formatted(type.label(), e.getMessage()));
    }
    String name = nameOf.apply(message);
    try {
      return new Decoded.Accepted<>(name, reader.apply(message));
    } catch (InvalidField e) {
      return new Decoded.Rejected<>(
          name, "%s \"%s\": %s".formatted(type.label(), name, e.getMessage()));
    }
  }
}
