package io.openneg.proxyconfigservice.xds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.openneg.proxyconfigservice.Fixtures;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rows in ({@code input.json}), xDS resources out ({@code xds.json}): one directory per case.
 * {@code -Dgolden.update} writes what comes out instead of comparing; look at the difference before
 * committing it.
 */
class GoldenTest {
  private static final Path CASES = Path.of("src/test/resources/golden");
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
  static final TypeRegistry TYPES =
      TypeRegistry.newBuilder()
          .add(
              List.of(
                  Cluster.getDescriptor(),
                  ClusterLoadAssignment.getDescriptor(),
                  Listener.getDescriptor(),
                  RouteConfiguration.getDescriptor(),
                  HttpConnectionManager.getDescriptor(),
                  Router.getDescriptor(),
                  Cors.getDescriptor(),
                  CorsPolicy.getDescriptor(),
                  HTTPFault.getDescriptor(),
                  DownstreamTlsContext.getDescriptor(),
                  Secret.getDescriptor(),
                  StdoutAccessLog.getDescriptor(),
                  ExpressionFilter.getDescriptor(),
                  TcpProxy.getDescriptor(),
                  ProxyProtocolUpstreamTransport.getDescriptor(),
                  RawBuffer.getDescriptor(),
                  UriTemplateMatchConfig.getDescriptor(),
                  UriTemplateRewriteConfig.getDescriptor(),
                  HttpProtocolOptions.getDescriptor(),
                  UpstreamTlsContext.getDescriptor()))
          .build();

  static Stream<String> cases() throws IOException {
    try (Stream<Path> directories = Files.list(CASES)) {
      return directories.map(path -> path.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsBecomeTheseResources(String name) throws IOException {
    XdsSnapshot snapshot =
        Translator.translate(table(CASES.resolve(name).resolve("input.json")), Fixtures.KEYS);
    Path file = CASES.resolve(name).resolve("xds.json");
    String actual = GSON.toJson(json(snapshot)) + "\n";

    if (System.getProperty("golden.update") != null) {
      Files.writeString(file, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(file));
  }

  /** Would the checker see anything at all? */
  @Test
  void theConstraintsCheckedAreEnvoysOwn() {
    Listener bad =
        Listener.newBuilder()
            .setAddress(
                Address.newBuilder()
                    .setSocketAddress(SocketAddress.newBuilder().setPortValue(70_000)))
            .addFilterChains(
                FilterChain.newBuilder()
                    .addFilters(
                        Filter.newBuilder()
                            .setTypedConfig(Any.pack(HttpConnectionManager.getDefaultInstance()))))
            .build();

    assertThat(EnvoyConstraints.violations(bad, TYPES))
        .contains(
            "Listener.address.socket_address.address is too short",
            "Listener.address.socket_address.port_value too big",
            "Listener.filter_chains[0].filters[0].name is too short",
            "HttpConnectionManager.stat_prefix is too short",
            "HttpConnectionManager: one of route_specifier is required");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyResourceSatisfiesEnvoysConstraints(String name) throws IOException {
    XdsSnapshot snapshot =
        Translator.translate(table(CASES.resolve(name).resolve("input.json")), Fixtures.KEYS);
    List<String> violations = new ArrayList<>();
    for (Collection<XdsResource> resources : resources(snapshot).values()) {
      for (XdsResource resource : resources) {
        violations.addAll(EnvoyConstraints.violations(message(resource), TYPES));
      }
    }
    assertThat(violations).isEmpty();
  }

  static Map<String, Collection<XdsResource>> resources(XdsSnapshot snapshot) {
    Map<String, Collection<XdsResource>> resources = new TreeMap<>();
    resources.put("listeners", snapshot.socketListeners().byName().values());
    resources.put("apiListeners", snapshot.apiListeners().byName().values());
    resources.put("routes", snapshot.routes().byName().values());
    resources.put("clusters", snapshot.clusters().byName().values());
    if (!snapshot.secrets().byName().isEmpty()) {
      resources.put("secrets", snapshot.secrets().byName().values());
    }
    new TreeMap<>(snapshot.endpoints())
        .values()
        .forEach(
            byRegion ->
                byRegion.forEach(
                    (region, resource) ->
                        resources
                            .computeIfAbsent(
                                region.isEmpty() ? "endpoints" : "endpoints for " + region,
                                _ -> new ArrayList<>())
                            .add(resource)));
    return resources;
  }

  private static JsonObject json(XdsSnapshot snapshot) throws InvalidProtocolBufferException {
    JsonObject json = new JsonObject();
    for (Map.Entry<String, Collection<XdsResource>> entry : resources(snapshot).entrySet()) {
      JsonArray array = new JsonArray();
      for (XdsResource resource : entry.getValue()) {
        array.add(
            JsonParser.parseString(
                JsonFormat.printer().usingTypeRegistry(json()).print(message(resource))));
      }
      json.add(entry.getKey(), array);
    }
    Map<String, List<String>> dropped = new TreeMap<>(snapshot.dropped());
    dropped.putAll(snapshot.droppedRules());
    json.add("dropped", GSON.toJsonTree(dropped));
    return json;
  }

  private static JsonFormat.TypeRegistry json() {
    return JsonFormat.TypeRegistry.newBuilder()
        .add(HttpConnectionManager.getDescriptor())
        .add(Router.getDescriptor())
        .add(Cors.getDescriptor())
        .add(CorsPolicy.getDescriptor())
        .add(HTTPFault.getDescriptor())
        .add(UriTemplateMatchConfig.getDescriptor())
        .add(UriTemplateRewriteConfig.getDescriptor())
        .add(HttpProtocolOptions.getDescriptor())
        .add(UpstreamTlsContext.getDescriptor())
        .add(DownstreamTlsContext.getDescriptor())
        .add(StdoutAccessLog.getDescriptor())
        .add(ExpressionFilter.getDescriptor())
        .add(TcpProxy.getDescriptor())
        .add(ProxyProtocolUpstreamTransport.getDescriptor())
        .add(RawBuffer.getDescriptor())
        .build();
  }

  static Message message(XdsResource resource) throws InvalidProtocolBufferException {
    return switch (resource.type()) {
      case CLUSTER -> resource.body().unpack(Cluster.class);
      case ENDPOINTS -> resource.body().unpack(ClusterLoadAssignment.class);
      case LISTENER -> resource.body().unpack(Listener.class);
      case ROUTES -> resource.body().unpack(RouteConfiguration.class);
      case SECRETS -> resource.body().unpack(Secret.class);
    };
  }

  private static RoutingTable table(Path input) throws IOException {
    List<RowChange> rows = new ArrayList<>();
    for (JsonElement element :
        JsonParser.parseString(Files.readString(input, UTF_8)).getAsJsonArray()) {
      JsonObject row = element.getAsJsonObject();
      RowKind kind = RowKind.valueOf(row.get("kind").getAsString());
      Message.Builder content = kind.parse(new byte[0]).newBuilderForType();
      JsonFormat.parser().merge(GSON.toJson(row.get("content")), content);
      rows.add(new RowChange(new RowKey(kind, row.get("key").getAsString()), content.build()));
    }
    return RoutingTable.empty().apply(new RoutingTableDelta(0, 1, rows));
  }
}
