package io.openneg.edgeproxy;

import static io.openneg.edgeproxy.config.ResourceType.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.openneg.edgeproxy.testing.TestCertificate;
import io.openneg.edgeproxy.testing.Xds;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests to endpoints with a certificate that nobody has signed. */
@Timeout(60)
class UpstreamTlsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it.
  Path directory;

  private final ProxyUnderTest proxy = new ProxyUnderTest();
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void speaksHttp1OverTlsWithoutVerifyingTheCertificate() throws Exception {
    assertThat(answerThrough(tls())).isEqualTo("HTTP_1_1 over TLS: true");
  }

  @Test
  void speaksHttp2OverTls() throws Exception {
    Cluster.Builder cluster =
        tls("h2")
            .putTypedExtensionProtocolOptions(
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                Any.pack(
                    HttpProtocolOptions.newBuilder()
                        .setExplicitHttpConfig(
                            HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                                .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
                        .build()));

    assertThat(answerThrough(cluster)).isEqualTo("HTTP_2 over TLS: true");
  }

  private String answerThrough(Cluster.Builder cluster) throws Exception {
    HttpServer backend =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(
                        new PfxOptions()
                            .setPath(TestCertificate.create(directory, "EC").store().toString())
                            .setPassword(TestCertificate.PASSWORD)))
            .requestHandler(
                request ->
                    request.response().end(request.version() + " over TLS: " + request.isSSL()))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    proxy.serve();
    proxy.send(CLUSTER, cluster.build());
    proxy.endpoints(Xds.endpoint(backend.actualPort()));
    return proxy.get("/").body();
  }

  private static Cluster.Builder tls(String... protocols) {
    return Xds.cluster("c")
        .setTransportSocket(
            TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.tls")
                .setTypedConfig(
                    Any.pack(
                        UpstreamTlsContext.newBuilder()
                            .setCommonTlsContext(
                                CommonTlsContext.newBuilder()
                                    .addAllAlpnProtocols(List.of(protocols)))
                            .build())));
  }
}
