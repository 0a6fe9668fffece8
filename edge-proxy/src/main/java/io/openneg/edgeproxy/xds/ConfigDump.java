package io.openneg.edgeproxy.xds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.openneg.edgeproxy.config.ResourceType;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A copy of everything accepted from the control plane, for people to read. Immutable: the copy is
 * cheap, the text is made by whoever wants it.
 *
 * @param types by type
 */
public record ConfigDump(Map<ResourceType, TypeDump> types) {

  /**
   * One type.
   *
   * @param version the last one accepted as a whole
   * @param rejected reasons by name
   */
  public record TypeDump(
      String version, List<ResourceDump> resources, Map<String, String> rejected) {}

  /** One resource with the version of the response that brought it. */
  public record ResourceDump(String name, String version, Any resource) {}

  static ConfigDump of(XdsState state) {
    Map<ResourceType, TypeDump> types = new TreeMap<>();
    for (ResourceType type : ResourceType.values()) {
      List<ResourceDump> resources =
          state.resources(type).entries().values().stream()
              .map(
                  entry ->
                      new ResourceDump(entry.name(), entry.version(), shown(type, entry.raw())))
              .toList();
      types.put(
          type,
          new TypeDump(
              state.subscription(type).version(),
              resources,
              Map.copyOf(state.resources(type).rejections())));
    }
    return new ConfigDump(types);
  }

  /** As Envoy does, without what nobody else is to know. */
  private static Any shown(ResourceType type, Any raw) {
    if (type != ResourceType.SECRET) {
      return raw;
    }
    try {
      Secret.Builder secret = raw.unpack(Secret.class).toBuilder();
      secret
          .getTlsCertificateBuilder()
          .setPrivateKey(DataSource.newBuilder().setInlineString("[redacted]"));
      return Any.pack(secret.build());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an accepted secret cannot be parsed", e);
    }
  }

  /** By type: version_info, the resources, and the rejected ones with the reason. */
  public JsonObject toJson() {
    // Lists every type that may hide in an Any of an accepted resource.
    TypeRegistry registry =
        TypeRegistry.newBuilder()
            .add(Listener.getDescriptor())
            .add(RouteConfiguration.getDescriptor())
            .add(Cluster.getDescriptor())
            .add(ClusterLoadAssignment.getDescriptor())
            .add(Secret.getDescriptor())
            .add(DownstreamTlsContext.getDescriptor())
            .add(UpstreamTlsContext.getDescriptor())
            .add(ProxyProtocolUpstreamTransport.getDescriptor())
            .add(RawBuffer.getDescriptor())
            .add(StdoutAccessLog.getDescriptor())
            .add(ExpressionFilter.getDescriptor())
            .add(TcpProxy.getDescriptor())
            .add(HttpConnectionManager.getDescriptor())
            .add(Router.getDescriptor())
            .add(HttpProtocolOptions.getDescriptor())
            .add(PreviousHostsPredicate.getDescriptor())
            .build();
    JsonFormat.Printer printer =
        JsonFormat.printer()
            .usingTypeRegistry(registry)
            .preservingProtoFieldNames()
            .omittingInsignificantWhitespace();
    JsonObject json = new JsonObject();
    types.forEach((type, dump) -> json.put(type.label(), toJson(dump, printer)));
    return json;
  }

  private static JsonObject toJson(TypeDump dump, JsonFormat.Printer printer) {
    JsonArray resources = new JsonArray();
    for (ResourceDump resource : dump.resources()) {
      resources.add(
          new JsonObject()
              .put("name", resource.name())
              .put("version_info", resource.version())
              .put("resource", toJson(resource.resource(), printer)));
    }
    JsonObject rejected = new JsonObject();
    new TreeMap<>(dump.rejected()).forEach(rejected::put);
    return new JsonObject()
        .put("version_info", dump.version())
        .put("resources", resources)
        .put("rejected", rejected);
  }

  private static Object toJson(Any resource, JsonFormat.Printer printer) {
    try {
      return new JsonObject(printer.print(resource));
    } catch (InvalidProtocolBufferException e) {
      // Metadata may hold types that are not known here; the rest of the dump is still of use.
      return "not printable: " + e.getMessage();
    }
  }
}
