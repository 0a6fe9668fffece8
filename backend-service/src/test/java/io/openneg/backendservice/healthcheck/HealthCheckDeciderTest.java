package io.openneg.backendservice.healthcheck;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.GrpcHealthCheck;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.TcpHealthCheck;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.healthcheck.HealthCheckCommand.Create;
import io.openneg.backendservice.healthcheck.HealthCheckCommand.Delete;
import io.openneg.backendservice.healthcheck.HealthCheckCommand.Update;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HealthCheckDeciderTest {
  private static final String NAME = "projects/p/global/healthChecks/hc";
  private static final Timestamp NOW = Timestamp.newBuilder().setSeconds(7).build();
  private static final HealthCheck HTTP =
      HealthCheck.newBuilder().setHttpHealthCheck(HttpHealthCheck.getDefaultInstance()).build();

  private static Scenario<ResourceState<HealthCheck>, HealthCheckCommand> nothing() {
    return Scenario.of(new HealthCheckDecider());
  }

  private static Create create(HealthCheck wanted) {
    return new Create(NAME, 42, NOW, wanted);
  }

  @Test
  void everyDefaultIsFilledIn() {
    HealthCheck made =
        nothing().when(create(HTTP)).events().getFirst().getHealthCheckCreated().getHealthCheck();

    assertThat(made.getName()).isEqualTo(NAME);
    assertThat(made.getId()).isEqualTo(42);
    assertThat(made.getCreationTimestamp()).isEqualTo(NOW);
    assertThat(made.getCheckIntervalSec()).isEqualTo(5);
    assertThat(made.getTimeoutSec()).isEqualTo(5);
    assertThat(made.getHealthyThreshold()).isEqualTo(2);
    assertThat(made.getUnhealthyThreshold()).isEqualTo(2);
    assertThat(made.getHttpHealthCheck().getRequestPath()).isEqualTo("/");
    assertThat(made.getHttpHealthCheck().getPortSpecification())
        .isEqualTo(PortSpecification.USE_SERVING_PORT);
  }

  private static HealthCheck made(HealthCheck.Builder wanted) {
    return nothing()
        .when(create(wanted.build()))
        .events()
        .getFirst()
        .getHealthCheckCreated()
        .getHealthCheck();
  }

  @Test
  void aFixedPortIsByDefaultThatOfTheProtocol() {
    var http = HttpHealthCheck.newBuilder().setPortSpecification(PortSpecification.USE_FIXED_PORT);
    var tcp = TcpHealthCheck.newBuilder().setPortSpecification(PortSpecification.USE_FIXED_PORT);
    HealthCheck.Builder check = HealthCheck.newBuilder();

    assertThat(made(check.setHttpHealthCheck(http)).getHttpHealthCheck().getPort()).isEqualTo(80);
    assertThat(made(check.setHttpsHealthCheck(http)).getHttpsHealthCheck().getPort())
        .isEqualTo(443);
    assertThat(made(check.setHttp2HealthCheck(http)).getHttp2HealthCheck().getPort())
        .isEqualTo(443);
    assertThat(made(check.setTcpHealthCheck(tcp)).getTcpHealthCheck().getPort()).isEqualTo(80);
    assertThat(made(check.setSslHealthCheck(tcp)).getSslHealthCheck().getPort()).isEqualTo(443);
  }

  @Test
  void grpcHasNoDefaultPort() {
    var grpc = GrpcHealthCheck.newBuilder().setPortSpecification(PortSpecification.USE_FIXED_PORT);
    nothing()
        .when(create(HealthCheck.newBuilder().setGrpcHealthCheck(grpc).build()))
        .thenInvalid("health_check.grpc_health_check.port");

    var given = GrpcHealthCheck.newBuilder().setPort(9000).setGrpcServiceName("shop.Cart");
    assertThat(
            made(HealthCheck.newBuilder().setGrpcHealthCheck(given))
                .getGrpcHealthCheck()
                .getPortSpecification())
        .isEqualTo(PortSpecification.USE_FIXED_PORT);
    assertThat(
            made(HealthCheck.newBuilder().setGrpcHealthCheck(GrpcHealthCheck.getDefaultInstance()))
                .getGrpcHealthCheck()
                .getPortSpecification())
        .isEqualTo(PortSpecification.USE_SERVING_PORT);
  }

  @Test
  void theGrpcServiceNameIsAsciiOfLimitedLength() {
    var grpc = GrpcHealthCheck.newBuilder().setGrpcServiceName("x".repeat(1025));
    nothing()
        .when(create(HealthCheck.newBuilder().setGrpcHealthCheck(grpc).build()))
        .thenInvalid("health_check.grpc_health_check.grpc_service_name");
  }

  @Test
  void aProxyHeaderIsNoneUnlessWanted() {
    HealthCheck.Builder check = HealthCheck.newBuilder();
    var http = HttpHealthCheck.newBuilder();
    var tcp = TcpHealthCheck.newBuilder().setProxyHeader(ProxyHeader.PROXY_V1);

    assertThat(made(check.setHttp2HealthCheck(http)).getHttp2HealthCheck().getProxyHeader())
        .isEqualTo(ProxyHeader.NONE);
    assertThat(made(check.setSslHealthCheck(tcp)).getSslHealthCheck().getProxyHeader())
        .isEqualTo(ProxyHeader.PROXY_V1);

    nothing()
        .when(create(check.setTcpHealthCheck(tcp.setProxyHeaderValue(9)).build()))
        .thenInvalid("health_check.tcp_health_check.proxy_header");
  }

  @Test
  void aCertificateIsVerifiedWhereThereIsOne() {
    HealthCheck.Builder check = HealthCheck.newBuilder();
    var http = HttpHealthCheck.newBuilder().setVerifyCertificate(true);
    var tcp = TcpHealthCheck.newBuilder().setVerifyCertificate(true);

    assertThat(made(check.setHttpsHealthCheck(http)).getHttpsHealthCheck().getVerifyCertificate())
        .isTrue();
    assertThat(made(check.setSslHealthCheck(tcp)).getSslHealthCheck().getVerifyCertificate())
        .isTrue();
    nothing()
        .when(create(check.setHttpHealthCheck(http).build()))
        .thenInvalid("health_check.http_health_check.verify_certificate");
    nothing()
        .when(create(check.setTcpHealthCheck(tcp).build()))
        .thenInvalid("health_check.tcp_health_check.verify_certificate");
  }

  @Test
  void hostAndPathAreWrittenAsTheyAreAndMustFitIntoARequest() {
    var http = HttpHealthCheck.newBuilder().setHost("a b").setRequestPath("/a\r\nHost: b");
    nothing()
        .when(create(HealthCheck.newBuilder().setHttpsHealthCheck(http).build()))
        .thenInvalid(
            "health_check.https_health_check.host", "health_check.https_health_check.request_path");

    var tooLong =
        HttpHealthCheck.newBuilder()
            .setHost("h".repeat(256))
            .setRequestPath("/" + "p".repeat(2048));
    nothing()
        .when(create(HealthCheck.newBuilder().setHttpHealthCheck(tooLong).build()))
        .thenInvalid(
            "health_check.http_health_check.host", "health_check.http_health_check.request_path");
  }

  @Test
  void theTimeoutFollowsAShorterInterval() {
    HealthCheck made =
        nothing()
            .when(create(HTTP.toBuilder().setCheckIntervalSec(2).build()))
            .events()
            .getFirst()
            .getHealthCheckCreated()
            .getHealthCheck();

    assertThat(made.getTimeoutSec()).isEqualTo(2);
  }

  @Test
  void everyNumberOutOfItsRangeIsNamed() {
    nothing()
        .when(
            create(
                HTTP.toBuilder()
                    .setCheckIntervalSec(301)
                    .setTimeoutSec(0)
                    .setHealthyThreshold(11)
                    .setUnhealthyThreshold(0)
                    .build()))
        .thenInvalid(
            "health_check.check_interval_sec",
            "health_check.timeout_sec",
            "health_check.healthy_threshold",
            "health_check.unhealthy_threshold");
  }

  @Test
  void theTimeoutIsAtMostTheInterval() {
    nothing()
        .when(create(HTTP.toBuilder().setCheckIntervalSec(3).setTimeoutSec(4).build()))
        .thenInvalid("health_check.timeout_sec");
  }

  @Test
  void thereIsExactlyOneKindOfCheck() {
    nothing().when(create(HealthCheck.getDefaultInstance())).thenInvalid("health_check");
  }

  @Test
  void thePortGoesWithAFixedPortOnly() {
    var http =
        HttpHealthCheck.newBuilder()
            .setPort(80)
            .setPortSpecification(PortSpecification.USE_SERVING_PORT);

    nothing()
        .when(create(HealthCheck.newBuilder().setHttpHealthCheck(http).build()))
        .thenInvalid("health_check.http_health_check.port");
  }

  @Test
  void theResponseIsAsciiOfLimitedLength() {
    var http = HttpHealthCheck.newBuilder().setResponse("ü").setRequestPath("health");
    nothing()
        .when(create(HealthCheck.newBuilder().setHttpHealthCheck(http).build()))
        .thenInvalid(
            "health_check.http_health_check.request_path",
            "health_check.http_health_check.response");

    var tcp = TcpHealthCheck.newBuilder().setRequest("x".repeat(1025));
    nothing()
        .when(create(HealthCheck.newBuilder().setTcpHealthCheck(tcp).build()))
        .thenInvalid("health_check.tcp_health_check.request");
  }

  @Test
  void aNameIsTakenOnce() {
    nothing().after(create(HTTP)).when(create(HTTP)).thenRejected("ALREADY_EXISTS");
  }

  @Test
  void anUpdateReplacesTheCheckAndKeepsItsIdentity() {
    var created = nothing().after(create(HTTP));

    HealthCheck updated =
        created
            .when(new Update(NAME, HTTP.toBuilder().setCheckIntervalSec(9).build()))
            .events()
            .getFirst()
            .getHealthCheckUpdated()
            .getHealthCheck();

    assertThat(updated.getId()).isEqualTo(42);
    assertThat(updated.getCheckIntervalSec()).isEqualTo(9);
    created.when(new Update(NAME, HTTP)).thenNothing();
  }

  @Test
  void whatDoesNotExistIsNotFound() {
    nothing().when(new Update(NAME, HTTP)).thenRejected("NOT_FOUND");
    nothing().when(new Delete(NAME, new Facts(Set.of(), List.of()))).thenRejected("NOT_FOUND");
  }

  @Test
  void aUsedCheckIsNotDeletedAndItsUsersAreNamed() {
    var refusal =
        nothing()
            .after(create(HTTP))
            .when(new Delete(NAME, new Facts(Set.of(), List.of("service-a", "service-b"))))
            .thenRejected("RESOURCE_IN_USE");

    assertThat(refusal.message()).contains("service-a", "service-b");
    assertThat(refusal.violations()).hasSize(2);
  }

  @Test
  void aDeletedCheckMayBeCreatedAgain() {
    nothing()
        .after(create(HTTP))
        .after(new Delete(NAME, new Facts(Set.of(), List.of())))
        .after(create(HTTP));
  }
}
