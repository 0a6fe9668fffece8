package io.openneg.healthservice.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.backend.v1.GrpcHealthCheck;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.TcpHealthCheck;
import io.openneg.healthservice.target.ProbeRecipe.HttpVersion;
import io.openneg.healthservice.target.Transport.Security;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HealthCheckCodecTest {
  private static final String NAME = "projects/p/global/healthChecks/hc";

  private static io.openneg.backend.v1.HealthCheck.Builder check() {
    return io.openneg.backend.v1.HealthCheck.newBuilder().setName(NAME).setId(7);
  }

  @Test
  void aCompleteCheckIsReadAsItIs() {
    var check =
        check()
            .setCheckIntervalSec(10)
            .setTimeoutSec(3)
            .setHealthyThreshold(4)
            .setUnhealthyThreshold(1)
            .setHttpHealthCheck(
                HttpHealthCheck.newBuilder()
                    .setPort(8081)
                    .setPortSpecification(PortSpecification.USE_FIXED_PORT)
                    .setHost("app.example")
                    .setRequestPath("/healthz?full=1")
                    .setResponse("ok"))
            .build();

    assertThat(HealthCheckCodec.decode(check))
        .isEqualTo(
            new HealthCheck(
                NAME,
                7,
                Duration.ofSeconds(10),
                Duration.ofSeconds(3),
                new Thresholds(4, 1),
                new ProbeRecipe.Http(
                    8081,
                    Transport.PLAIN,
                    HttpVersion.HTTP_1_1,
                    "app.example",
                    "/healthz?full=1",
                    "ok")));
  }

  @Test
  void absentFieldsMeanWhatTheLanguageSaysOfThem() {
    assertThat(
            HealthCheckCodec.decode(
                check().setHttpHealthCheck(HttpHealthCheck.getDefaultInstance()).build()))
        .isEqualTo(
            new HealthCheck(
                NAME,
                7,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                new Thresholds(2, 2),
                Recipes.http("", "/", "")));
    assertThat(
            HealthCheckCodec.decode(
                    check()
                        .setCheckIntervalSec(2)
                        .setTcpHealthCheck(TcpHealthCheck.getDefaultInstance())
                        .build())
                .timeout())
        .isEqualTo(Duration.ofSeconds(2));
  }

  private static int probedPort(TcpHealthCheck.Builder tcp) {
    return HealthCheckCodec.decode(check().setTcpHealthCheck(tcp).build()).port(9000);
  }

  @Test
  void everyKindIsReadWithItsTransport() {
    var http =
        HttpHealthCheck.newBuilder()
            .setRequestPath("/")
            .setVerifyCertificate(true)
            .setProxyHeader(ProxyHeader.PROXY_V1);
    var tcp = TcpHealthCheck.newBuilder();

    assertThat(HealthCheckCodec.decode(check().setHttpsHealthCheck(http).build()).recipe())
        .isEqualTo(
            new ProbeRecipe.Http(
                null,
                new Transport(Security.VERIFIED_TLS, true),
                HttpVersion.HTTP_1_1,
                "",
                "/",
                ""));
    assertThat(
            HealthCheckCodec.decode(
                    check()
                        .setHttp2HealthCheck(
                            http.clone().clearVerifyCertificate().clearProxyHeader())
                        .build())
                .recipe())
        .isEqualTo(Recipes.http2("/", ""));
    assertThat(HealthCheckCodec.decode(check().setSslHealthCheck(tcp).build()).recipe())
        .isEqualTo(Recipes.ssl("", ""));
    assertThat(
            HealthCheckCodec.decode(
                    check()
                        .setGrpcHealthCheck(
                            GrpcHealthCheck.newBuilder().setGrpcServiceName("shop.Cart"))
                        .build())
                .recipe())
        .isEqualTo(Recipes.grpc("shop.Cart"));
    assertThatThrownBy(
            () ->
                HealthCheckCodec.decode(
                    check()
                        .setGrpcHealthCheck(
                            GrpcHealthCheck.newBuilder()
                                .setPortSpecification(PortSpecification.USE_FIXED_PORT))
                        .build()))
        .hasMessageContaining("grpc_health_check.port");
  }

  @Test
  void aFixedPortIsByDefaultThatOfTheProtocol() {
    var http = HttpHealthCheck.newBuilder().setPortSpecification(PortSpecification.USE_FIXED_PORT);
    var tcp = TcpHealthCheck.newBuilder().setPortSpecification(PortSpecification.USE_FIXED_PORT);

    assertThat(HealthCheckCodec.decode(check().setHttpHealthCheck(http).build()).port(9000))
        .isEqualTo(80);
    assertThat(HealthCheckCodec.decode(check().setHttpsHealthCheck(http).build()).port(9000))
        .isEqualTo(443);
    assertThat(HealthCheckCodec.decode(check().setHttp2HealthCheck(http).build()).port(9000))
        .isEqualTo(443);
    assertThat(HealthCheckCodec.decode(check().setSslHealthCheck(tcp).build()).port(9000))
        .isEqualTo(443);
  }

  @Test
  void thePortIsTheFixedOneOrTheEndpointsOwn() {
    assertThat(probedPort(TcpHealthCheck.newBuilder())).isEqualTo(9000);
    assertThat(probedPort(TcpHealthCheck.newBuilder().setPort(81))).isEqualTo(81);
    assertThat(
            probedPort(
                TcpHealthCheck.newBuilder().setPortSpecification(PortSpecification.USE_FIXED_PORT)))
        .isEqualTo(80);
    assertThat(
            probedPort(
                TcpHealthCheck.newBuilder()
                    .setPortSpecification(PortSpecification.USE_SERVING_PORT)))
        .isEqualTo(9000);
  }

  @Test
  void whatCannotBeProbedWithIsRefusedByName() {
    var http = HttpHealthCheck.newBuilder();
    assertThatThrownBy(() -> HealthCheckCodec.decode(check().build())).hasMessageContaining(NAME);
    assertThatThrownBy(
            () ->
                HealthCheckCodec.decode(
                    check()
                        .setCheckIntervalSec(2)
                        .setTimeoutSec(3)
                        .setHttpHealthCheck(http)
                        .build()))
        .hasMessageContaining("timeout_sec must be 1..check_interval_sec (2), is 3");
    assertThatThrownBy(
            () ->
                HealthCheckCodec.decode(
                    check().setHealthyThreshold(11).setHttpHealthCheck(http).build()))
        .hasMessageContaining("healthy_threshold must be 1..10, is 11");
    assertThatThrownBy(
            () ->
                HealthCheckCodec.decode(
                    check()
                        .setHttpHealthCheck(
                            http.clone().setRequestPath("/ HTTP/1.1\r\nX-Smuggled: 1"))
                        .build()))
        .hasMessageContaining("request_path");
    assertThatThrownBy(
            () ->
                HealthCheckCodec.decode(
                    check().setHttpHealthCheck(http.clone().setHost("a\r\nb")).build()))
        .hasMessageContaining("host");
    assertThatThrownBy(
            () ->
                HealthCheckCodec.decode(
                    check().setHttpHealthCheck(http.clone().setPort(70_000)).build()))
        .hasMessageContaining("port must be 1..65535, is 70000");
    assertThatThrownBy(
            () ->
                HealthCheckCodec.decode(
                    check()
                        .setTcpHealthCheck(TcpHealthCheck.newBuilder().setRequest("x".repeat(1025)))
                        .build()))
        .hasMessageContaining("request must have up to 1024 bytes, has 1025");
  }
}
