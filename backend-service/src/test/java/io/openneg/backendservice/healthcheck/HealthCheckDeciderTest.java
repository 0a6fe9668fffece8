package io.openneg.backendservice.healthcheck;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.PortSpecification;
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

  @Test
  void aFixedPortIsEightyByDefault() {
    var tcp = TcpHealthCheck.newBuilder().setPortSpecification(PortSpecification.USE_FIXED_PORT);

    HealthCheck made =
        nothing()
            .when(create(HealthCheck.newBuilder().setTcpHealthCheck(tcp).build()))
            .events()
            .getFirst()
            .getHealthCheckCreated()
            .getHealthCheck();

    assertThat(made.getTcpHealthCheck().getPort()).isEqualTo(80);
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
