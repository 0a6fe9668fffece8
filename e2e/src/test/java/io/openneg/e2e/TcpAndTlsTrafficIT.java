package io.openneg.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.backend.v1.ConnectionDraining;
import io.openneg.backend.v1.CreateBackendServiceRequest;
import io.openneg.backend.v1.CreateForwardingRuleRequest;
import io.openneg.backend.v1.CreateSslCertificateRequest;
import io.openneg.backend.v1.CreateTargetHttpsProxyRequest;
import io.openneg.backend.v1.CreateTargetSslProxyRequest;
import io.openneg.backend.v1.CreateTargetTcpProxyRequest;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.Protocol;
import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backend.v1.SslCertificatesGrpc;
import io.openneg.backend.v1.TargetHttpsProxiesGrpc;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxiesGrpc;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxiesGrpc;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.embedded.FreePorts;
import io.openneg.local.client.HttpLoadBalancer;
import io.openneg.local.client.HttpLoadBalancer.Address;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.neg.v1.AttachNetworkEndpointsRequest;
import io.openneg.neg.v1.CreateNetworkEndpointGroupRequest;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Target TCP, SSL and HTTPS proxies, from the API to bytes: what goes in comes out, by certificates
 * that no proxy was given but by the control plane; and without an endpoint, connections are
 * rejected (seed, "Traffic does not reach the endpoints").
 */
class TcpAndTlsTrafficIT {
  private static final String GLOBAL = "projects/demo/global";
  private static final Duration SOON = Duration.ofSeconds(60);

  private final LocalSystem system = TestSystem.shared();

  @Test
  void bytesAndRequestsGetThroughOverTlsAndWithoutIt(@TempDir Path directory) throws Exception {
    ServerIdentity identity = ServerIdentity.create(directory);
    int tcp = FreePorts.next();
    int telling = FreePorts.next();
    int ssl = FreePorts.next();
    int https = FreePorts.next();
    try (EchoBackend echo = EchoBackend.start();
        HttpBackend web = HttpBackend.start("web")) {
      String neg = createGroup(echo.address());
      String service = createTcpService(neg);
      String certificate = createCertificate(identity);
      rule("bytes-tcp", tcp, createTcpProxy("bytes", service, ProxyHeader.NONE));
      rule("telling", telling, createTcpProxy("telling", service, ProxyHeader.PROXY_V1));
      rule("bytes-ssl", ssl, createSslProxy(service, certificate));
      rule("web-https", https, createHttpsProxy(web, certificate));

      SocketFactory plain = SocketFactory.getDefault();
      SocketFactory tls = identity.clients().getSocketFactory();
      await().atMost(SOON).ignoreExceptions().until(() -> echoes(plain, tcp));
      await().atMost(SOON).ignoreExceptions().until(() -> toldOfTheClient(telling));
      await().atMost(SOON).ignoreExceptions().until(() -> echoes(tls, ssl));
      await().atMost(SOON).ignoreExceptions().until(() -> get(identity, https).equals("web"));

      try (Socket open = plain.createSocket("127.0.0.1", tcp)) {
        assertThat(echoed(open)).isEqualTo("hello");
        detach(neg, echo.address());
        open.setSoTimeout((int) SOON.toMillis());
        assertThat(open.getInputStream().read()).as("closed when draining is over").isEqualTo(-1);
      }
      assertThatThrownBy(() -> echoes(plain, tcp)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> echoes(tls, ssl)).isInstanceOf(IOException.class);
    }
  }

  private static boolean echoes(SocketFactory sockets, int port) throws IOException {
    try (Socket socket = sockets.createSocket("localhost", port)) {
      return echoed(socket).equals("hello");
    }
  }

  private static String echoed(Socket socket) throws IOException {
    socket.setSoTimeout(5_000);
    socket.getOutputStream().write("hello".getBytes(UTF_8));
    byte[] answer = socket.getInputStream().readNBytes(5);
    if (answer.length < 5) {
      throw new IOException("closed");
    }
    return new String(answer, UTF_8);
  }

  /** The endpoint says back what it hears, the line about the client as well. */
  private static boolean toldOfTheClient(int port) throws IOException {
    try (Socket socket = SocketFactory.getDefault().createSocket("127.0.0.1", port)) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write("hello\n".getBytes(UTF_8));
      var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      String header = "PROXY TCP4 127.0.0.1 127.0.0.1 %d %d".formatted(socket.getLocalPort(), port);
      return header.equals(lines.readLine()) && "hello".equals(lines.readLine());
    }
  }

  private static String get(ServerIdentity identity, int port) throws Exception {
    try (HttpClient http = HttpClient.newBuilder().sslContext(identity.clients()).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/"))
              .timeout(Duration.ofSeconds(5))
              .build();
      return http.send(request, BodyHandlers.ofString()).body();
    }
  }

  private String createGroup(Address endpoint) {
    String neg =
        system
            .api()
            .negs()
            .createNetworkEndpointGroup(
                CreateNetworkEndpointGroupRequest.newBuilder()
                    .setParent("projects/demo/zones/lab-a")
                    .setNetworkEndpointGroupId("bytes")
                    .setNetworkEndpointGroup(
                        NetworkEndpointGroup.newBuilder()
                            .setNetworkEndpointType(NetworkEndpointType.NON_GCP_PRIVATE_IP_PORT))
                    .build())
            .getName();
    system
        .api()
        .negs()
        .attachNetworkEndpoints(
            AttachNetworkEndpointsRequest.newBuilder()
                .setName(neg)
                .addNetworkEndpoints(message(endpoint))
                .build());
    return neg;
  }

  private void detach(String neg, Address endpoint) {
    system
        .api()
        .negs()
        .detachNetworkEndpoints(
            DetachNetworkEndpointsRequest.newBuilder()
                .setName(neg)
                .addNetworkEndpoints(message(endpoint))
                .build());
  }

  private static NetworkEndpoint message(Address endpoint) {
    return NetworkEndpoint.newBuilder()
        .setIpAddress(endpoint.ip())
        .setPort(endpoint.port())
        .build();
  }

  private String createTcpService(String neg) {
    return system
        .api()
        .backendServices()
        .createBackendService(
            CreateBackendServiceRequest.newBuilder()
                .setParent(GLOBAL)
                .setBackendServiceId("bytes")
                .setBackendService(
                    BackendService.newBuilder()
                        .setProtocol(Protocol.TCP)
                        .addBackends(
                            Backend.newBuilder()
                                .setGroup(neg)
                                .setBalancingMode(BalancingMode.CONNECTION)
                                .setMaxConnectionsPerEndpoint(100))
                        .setConnectionDraining(
                            ConnectionDraining.newBuilder().setDrainingTimeoutSec(2)))
                .build())
        .getName();
  }

  private String createCertificate(ServerIdentity identity) {
    return SslCertificatesGrpc.newBlockingStub(system.channel(Component.BACKEND))
        .createSslCertificate(
            CreateSslCertificateRequest.newBuilder()
                .setParent(GLOBAL)
                .setSslCertificateId("localhost")
                .setSslCertificate(
                    SslCertificate.newBuilder().setCertificate(identity.certificate()))
                .setPrivateKey(identity.key())
                .build())
        .getName();
  }

  private String createTcpProxy(String id, String service, ProxyHeader header) {
    return TargetTcpProxiesGrpc.newBlockingStub(system.channel(Component.BACKEND))
        .createTargetTcpProxy(
            CreateTargetTcpProxyRequest.newBuilder()
                .setParent(GLOBAL)
                .setTargetTcpProxyId(id)
                .setTargetTcpProxy(
                    TargetTcpProxy.newBuilder().setService(service).setProxyHeader(header))
                .build())
        .getName();
  }

  private String createSslProxy(String service, String certificate) {
    return TargetSslProxiesGrpc.newBlockingStub(system.channel(Component.BACKEND))
        .createTargetSslProxy(
            CreateTargetSslProxyRequest.newBuilder()
                .setParent(GLOBAL)
                .setTargetSslProxyId("bytes")
                .setTargetSslProxy(
                    TargetSslProxy.newBuilder().setService(service).addSslCertificates(certificate))
                .build())
        .getName();
  }

  private String createHttpsProxy(HttpBackend web, String certificate) {
    HttpLoadBalancer.create(
        system.api(),
        "lab-a",
        "web-tls",
        FreePorts.next(),
        List.of(web.address()),
        null,
        Duration.ZERO);
    return TargetHttpsProxiesGrpc.newBlockingStub(system.channel(Component.BACKEND))
        .createTargetHttpsProxy(
            CreateTargetHttpsProxyRequest.newBuilder()
                .setParent(GLOBAL)
                .setTargetHttpsProxyId("web-tls")
                .setTargetHttpsProxy(
                    TargetHttpsProxy.newBuilder()
                        .setUrlMap(GLOBAL + "/urlMaps/web-tls")
                        .addSslCertificates(certificate))
                .build())
        .getName();
  }

  private void rule(String id, int port, String target) {
    var _ =
        system
            .api()
            .forwardingRules()
            .createForwardingRule(
                CreateForwardingRuleRequest.newBuilder()
                    .setParent(GLOBAL)
                    .setForwardingRuleId(id)
                    .setForwardingRule(
                        ForwardingRule.newBuilder()
                            .setIpAddress("127.0.0.1")
                            .setPortRange(Integer.toString(port))
                            .setTarget(target))
                    .build());
  }
}
