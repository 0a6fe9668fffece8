package io.openneg.edgeproxy;

import static io.openneg.edgeproxy.config.ResourceType.CLUSTER;
import static io.openneg.edgeproxy.config.ResourceType.LISTENER;
import static io.openneg.edgeproxy.config.ResourceType.ROUTE;
import static io.openneg.edgeproxy.config.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.openneg.edgeproxy.testing.Backend;
import io.openneg.edgeproxy.testing.RawBackend;
import io.openneg.edgeproxy.testing.TestCertificate;
import io.openneg.edgeproxy.testing.Xds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real TLS clients of listeners whose certificates come by SDS. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // JUnit sets the directory, beforeAll() the certificates.
class DownstreamTlsTest {

  private static final String A = "projects/p/global/sslCertificates/a";
  private static final String B = "projects/p/global/sslCertificates/b";

  @TempDir static Path directory;
  private static TestCertificate a;
  private static TestCertificate b;

  private final ProxyUnderTest proxy = new ProxyUnderTest();

  @BeforeAll
  static void createCertificates() {
    a = TestCertificate.create(directory, "EC", "a.example.com", "localhost");
    b = TestCertificate.create(directory, "RSA", "*.b.example.com");
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  /** Forwards requests to an endpoint over clear text, and certificates are known already. */
  private void serveHttps(Backend backend, String... certificates) {
    Listener listener =
        Xds.tls(Xds.listener("l", proxy.port, "r"), List.of("h2", "http/1.1"), certificates);
    proxy.send(CLUSTER, Xds.cluster("c").build());
    proxy.endpoints(Xds.endpoint(backend.port()));
    proxy.send(LISTENER, listener);
    proxy.send(ROUTE, Xds.routes("r", "c"));
  }

  private void serveTls(Cluster.Builder cluster, int port, String... certificates) {
    proxy.send(CLUSTER, cluster.build());
    proxy.endpoints(Xds.endpoint(port));
    proxy.send(LISTENER, Xds.tls(Xds.tcpListener("l", proxy.port, "c"), List.of(), certificates));
  }

  private SSLSocket connect(String serverName, String... protocols)
      throws IOException, GeneralSecurityException {
    SSLSocket socket =
        (SSLSocket)
            trusting()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), proxy.port);
    socket.setSoTimeout(10_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(
        serverName.isEmpty() ? List.of() : List.of(new SNIHostName(serverName)));
    parameters.setApplicationProtocols(protocols);
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private X509Certificate shown(String serverName) throws Exception {
    try (SSLSocket socket = connect(serverName)) {
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  /** Without sessions of earlier connections. */
  private static SSLContext trusting() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustsEverybody()}, null);
    return context;
  }

  private static HttpResponse<String> get(String uri) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(trusting()).build()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private String uri() {
    return "https://localhost:" + proxy.port + "/";
  }

  @Test
  void servesRequestsOverTls() throws Exception {
    try (Backend backend =
        new Backend(
            exchange ->
                Backend.answer(
                    exchange, 200, exchange.getRequestHeaders().getFirst("x-forwarded-proto")))) {
      serveHttps(backend, A);
      proxy.send(SECRET, a.secret(A));
      proxy.awaitListening();
      HttpResponse<String> response = get(uri());
      assertThat(response.body()).isEqualTo("https");
      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
      try (SSLSocket socket = connect("a.example.com", "h2", "http/1.1")) {
        assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
      }
    }
  }

  @Test
  void aRedirectKeepsTheScheme() throws Exception {
    try (Backend backend = new Backend("a")) {
      serveHttps(backend, A);
      proxy.send(SECRET, a.secret(A));
      proxy.send(
          ROUTE,
          Xds.routes(
              "r",
              Route.newBuilder()
                  .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                  .setRedirect(RedirectAction.newBuilder().setPathRedirect("/new"))
                  .build()));
      proxy.awaitListening();
      assertThat(get(uri()).headers().firstValue("location"))
          .hasValue("https://localhost:" + proxy.port + "/new");
    }
  }

  /** As Envoy: a listener without its certificates is not warm, so nothing listens. */
  @Test
  void aListenerWaitsForItsSecrets() throws Exception {
    try (Backend backend = new Backend("a")) {
      serveHttps(backend, A, B);
      assertThat(proxy.admin("/ready").body()).contains("waits for secret " + A);
      proxy.send(SECRET, a.secret(A));
      assertThat(proxy.admin("/ready").body()).contains("waits for secret " + B);
      assertThatThrownBy(proxy::connect).isInstanceOf(IOException.class);
      proxy.send(SECRET, b.secret(B));
      proxy.awaitListening();
      assertThat(get(uri()).body()).isEqualTo("a");
    }
  }

  @Test
  void showsTheCertificateForTheServerNameElseTheFirst() throws Exception {
    try (Backend backend = new Backend("a")) {
      serveHttps(backend, A, B);
      proxy.send(SECRET, a.secret(A), b.secret(B));
      proxy.awaitListening();
      assertThat(shown("a.example.com")).isEqualTo(a.certificate());
      assertThat(shown("x.b.example.com")).isEqualTo(b.certificate());
      assertThat(shown("y.x.b.example.com")).isEqualTo(a.certificate());
      assertThat(shown("nobody.example.org")).isEqualTo(a.certificate());
      assertThat(shown("")).isEqualTo(a.certificate());
    }
  }

  @Test
  void aChangedSecretIsShownToNewConnectionsAndOldOnesGoOn() throws Exception {
    try (Backend backend = new Backend("a")) {
      serveHttps(backend, A);
      proxy.send(SECRET, a.secret(A));
      proxy.awaitListening();
      try (SSLSocket old = connect("a.example.com")) {
        proxy.send(SECRET, b.secret(A));
        await().untilAsserted(() -> assertThat(shown("a.example.com")).isEqualTo(b.certificate()));
        RawBackend.write(old, RawBackend.head("GET / HTTP/1.1", "host: x", "connection: close"));
        assertThat(RawBackend.readAll(old)).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void anUnusableSecretIsRefusedWithoutAWordOfIt() throws Exception {
    try (Backend backend = new Backend("a")) {
      serveHttps(backend, A);
      proxy.send(SECRET, a.secret(A));
      proxy.awaitListening();
      String reason =
          proxy
              .ads
              .awaitAnswer(
                  SECRET,
                  proxy.ads.send(
                      SECRET, "wrong", TestCertificate.secret(A, a.certificatePem(), b.keyPem())))
              .getErrorDetail()
              .getMessage();
      assertThat(reason).contains("Secret \"" + A + "\": tls_certificate.private_key:");
      assertThat(reason).doesNotContain(keyText(b));
      assertThat(shown("")).isEqualTo(a.certificate());
      assertThat(get(uri()).body()).isEqualTo("a");
    }
  }

  private static String keyText(TestCertificate certificate) {
    return Base64.getEncoder().encodeToString(certificate.key().getEncoded()).substring(60, 100);
  }

  @Test
  void noAdminOutputHasAPrivateKey() throws Exception {
    try (Backend backend = new Backend("a")) {
      serveHttps(backend, A);
      proxy.send(SECRET, a.secret(A));
      proxy.awaitListening();
      String dump = proxy.admin("/config_dump").body();
      assertThat(dump).contains("[redacted]").contains(A);
      for (String path : List.of("/config_dump", "/stats", "/clusters", "/ready")) {
        assertThat(proxy.admin(path).body().replaceAll("\\\\n|\\s", ""))
            .doesNotContain("PRIVATE")
            .doesNotContain(keyText(a));
      }
    }
  }

  @Test
  void aListenerMayTurnToTls() throws Exception {
    try (Backend backend = new Backend("a")) {
      proxy.serve(Xds.endpoint(backend.port()));
      assertThat(proxy.get("/").body()).isEqualTo("a");
      proxy.send(LISTENER, Xds.tls(Xds.listener("l", proxy.port, "r"), List.of("http/1.1"), A));
      assertThat(proxy.get("/").body()).as("until the certificate is there").isEqualTo("a");
      proxy.send(SECRET, a.secret(A));
      await().ignoreExceptions().until(() -> get(uri()).body().equals("a"));
    }
  }

  @Test
  void forwardsWhatIsInsideOfTls() throws Exception {
    try (RawBackend backend = new RawBackend(DownstreamTlsTest::echo)) {
      serveTls(Xds.cluster("c"), backend.port(), A, B);
      proxy.send(SECRET, a.secret(A), b.secret(B));
      proxy.awaitListening();
      assertEchoes();
      assertThat(shown("x.b.example.com")).isEqualTo(b.certificate());
      proxy.send(SECRET, b.secret(A), b.secret(B));
      await().untilAsserted(() -> assertThat(shown("")).isEqualTo(b.certificate()));
    }
  }

  /** 8 MB there and back, and the client's half ends first. */
  private void assertEchoes() throws Exception {
    byte[] content = new byte[8 << 20];
    new Random(3).nextBytes(content);
    try (SSLSocket socket = connect("")) {
      Thread writer =
          Thread.startVirtualThread(
              () -> {
                try {
                  socket.getOutputStream().write(content);
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      assertThat(socket.getInputStream().readAllBytes()).isEqualTo(content);
      writer.join();
    }
    await().untilAsserted(() -> assertThat(proxy.tcpStat("connections")).isZero());
  }

  private static void echo(Socket socket) throws IOException {
    socket.getInputStream().transferTo(socket.getOutputStream());
  }

  @Test
  void forwardsOverTlsToEndpointsToo() throws Exception {
    KeyStore keys =
        KeyStore.getInstance(b.store().toFile(), TestCertificate.PASSWORD.toCharArray());
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, TestCertificate.PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    try (SSLServerSocket server =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread.startVirtualThread(
          () -> {
            try (Socket socket = server.accept()) {
              echo(socket);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      serveTls(tlsUpstream(), server.getLocalPort(), A);
      proxy.send(SECRET, a.secret(A));
      proxy.awaitListening();
      assertEchoes();
    }
  }

  private static Cluster.Builder tlsUpstream() {
    return Xds.cluster("c")
        .setTransportSocket(
            TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.tls")
                .setTypedConfig(Any.pack(UpstreamTlsContext.getDefaultInstance())));
  }

  @Test
  void whoDoesNotSpeakTlsReachesNoEndpoint() throws Exception {
    try (RawBackend backend = new RawBackend(DownstreamTlsTest::echo)) {
      serveTls(Xds.cluster("c"), backend.port(), A);
      proxy.send(SECRET, a.secret(A));
      proxy.awaitListening();
      try (Socket socket = proxy.connect()) {
        RawBackend.write(socket, "GET / HTTP/1.1\r\n\r\n");
        byte[] answer = new byte[0];
        try {
          answer = socket.getInputStream().readAllBytes();
        } catch (IOException e) {
          assertThat(e).isInstanceOf(java.net.SocketException.class);
        }
        assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("GET");
      }
      await().untilAsserted(() -> assertThat(proxy.tcpStat("connections")).isZero());
      assertThat(proxy.tcpStat("forwarded")).isZero();
    }
  }

  /** Whatever form the key has that the control plane was given. */
  @Test
  void readsKeysInEveryForm() throws Exception {
    try (Backend backend = new Backend("a")) {
      serveHttps(backend, A, B);
      Map<TestCertificate, String> forms = Map.of(a, A, b, B);
      proxy.send(
          SECRET,
          forms.entrySet().stream()
              .map(
                  each ->
                      TestCertificate.secret(
                          each.getValue(),
                          each.getKey().certificatePem(),
                          each.getKey().olderKeyPem()))
              .toArray(com.google.protobuf.Message[]::new));
      proxy.awaitListening();
      assertThat(shown("a.example.com")).isEqualTo(a.certificate());
      assertThat(shown("x.b.example.com")).isEqualTo(b.certificate());
    }
  }

  /** The certificates here are signed by nobody. */
  private static final class TrustsEverybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
