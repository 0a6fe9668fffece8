package io.openneg.edgeproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.testing.ScriptedAds;
import io.openneg.edgeproxy.testing.Xds;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** A whole proxy with a scripted control plane and one listener on a free port. */
final class ProxyUnderTest implements AutoCloseable {

  final ScriptedAds ads = new ScriptedAds();
  final int port = freePort();
  final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final EdgeProxy proxy;
  private final AtomicInteger versions = new AtomicInteger();

  ProxyUnderTest() {
    try {
      proxy =
          EdgeProxy.start(
              Settings.of(
                  Map.of(
                      "OPENNEG_NODE_ID",
                      "edge-test",
                      "OPENNEG_XDS_SERVER",
                      "127.0.0.1:" + ads.port(),
                      "OPENNEG_ADMIN_PORT",
                      "0")));
    } catch (IOException | Settings.Invalid e) {
      throw new IllegalStateException(e);
    }
    ads.awaitStream(1);
  }

  /** Below the range from which systems take the ports of outgoing connections. */
  static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (BindException e) {
        // Somebody listens there; another one is free.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Sends resources and waits until they are in effect: an ACK means that. */
  void send(ResourceType type, Message... resources) {
    String version = "v" + versions.incrementAndGet();
    DiscoveryRequest answer = ads.awaitAnswer(type, ads.send(type, version, resources));
    assertThat(answer.getErrorDetail().getMessage()).isEmpty();
  }

  /** One listener that sends everything to one cluster "c". */
  void serve(LbEndpoint... endpoints) {
    send(ResourceType.CLUSTER, Xds.cluster("c").build());
    endpoints(endpoints);
    send(ResourceType.LISTENER, Xds.listener("l", port, "r"));
    send(ResourceType.ROUTE, Xds.routes("r", "c"));
    awaitListening();
  }

  /** One listener that forwards every connection to one cluster "c". */
  void serveTcp(LbEndpoint... endpoints) {
    serveTcp(Xds.cluster("c"), Xds.tcp("c"), endpoints);
  }

  void serveTcp(Cluster.Builder cluster, TcpProxy.Builder tcp, LbEndpoint... endpoints) {
    send(ResourceType.CLUSTER, cluster.build());
    endpoints(endpoints);
    send(ResourceType.LISTENER, Xds.tcpListener("l", port, tcp));
    awaitListening();
  }

  void endpoints(LbEndpoint... endpoints) {
    send(ResourceType.ENDPOINT, Xds.assignment("c", endpoints));
  }

  void awaitListening() {
    await().pollInterval(Duration.ofMillis(10)).until(() -> admin("/ready").statusCode() == 200);
  }

  HttpResponse<String> get(String path) {
    return exchange(request(path).build());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(10));
  }

  HttpResponse<String> exchange(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Writes bytes to the listener and reads until it closes the connection. */
  String raw(String text) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    return socket;
  }

  int adminPort() {
    return proxy.adminPort();
  }

  EdgeProxy proxy() {
    return proxy;
  }

  HttpResponse<String> admin(String path) {
    return exchange(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort() + path)).build());
  }

  JsonObject httpStats() {
    return new JsonObject(admin("/stats").body()).getJsonObject("http");
  }

  int tcpStat(String name) {
    return new JsonObject(admin("/stats").body()).getJsonObject("tcp").getInteger(name);
  }

  /** What /clusters says of an endpoint of cluster "c". */
  JsonObject endpoint(int endpointPort) {
    for (Object cluster : new JsonArray(admin("/clusters").body())) {
      for (Object endpoint : ((JsonObject) cluster).getJsonArray("endpoints")) {
        if (((JsonObject) endpoint).getInteger("port") == endpointPort) {
          return (JsonObject) endpoint;
        }
      }
    }
    return new JsonObject();
  }

  @Override
  public void close() {
    client.close();
    proxy.close();
    ads.close();
  }
}
