package io.openneg.backendservice.apply;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.FieldChange;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.Protocol;
import io.openneg.backend.v1.TcpHealthCheck;
import io.openneg.backend.v1.UrlMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FieldDifferencesTest {

  private static FieldChange change(String field, String before, String after) {
    return FieldChange.newBuilder().setField(field).setOldValue(before).setNewValue(after).build();
  }

  @Test
  void saysTheInnermostFieldAndBothValues() {
    BackendService before =
        BackendService.newBuilder()
            .setName("n")
            .setId(1)
            .setProtocol(Protocol.HTTP)
            .addBackends(Backend.newBuilder().setGroup("g1").setCapacityScaler(1))
            .addBackends(Backend.newBuilder().setGroup("g2"))
            .build();
    BackendService after =
        before.toBuilder()
            .setId(2)
            .setProtocol(Protocol.GRPC)
            .setTimeoutSec(7)
            .setBackends(0, before.getBackends(0).toBuilder().setCapacityScaler(0.5f))
            .removeBackends(1)
            .build();
    assertThat(FieldDifferences.between(before, after))
        .containsExactly(
            change("protocol", "HTTP", "GRPC"),
            change("backends[0].capacity_scaler", "1.0", "0.5"),
            FieldChange.newBuilder().setField("backends[1].group").setOldValue("g2").build(),
            FieldChange.newBuilder().setField("timeout_sec").setNewValue("7").build());
  }

  @Test
  void anEmptyMessageThatIsThereIsNotOneThatIsNot() {
    assertThat(
            FieldDifferences.between(
                HealthCheck.getDefaultInstance(),
                HealthCheck.newBuilder()
                    .setTcpHealthCheck(TcpHealthCheck.getDefaultInstance())
                    .build()))
        .containsExactly(
            FieldChange.newBuilder().setField("tcp_health_check").setNewValue("{}").build());
  }

  @Test
  void aDurationIsOneValue() {
    assertThat(FieldDifferences.between(timeout(1), timeout(2)))
        .containsExactly(change("default_route_action.timeout", "1s", "2s"));
  }

  private static UrlMap timeout(long seconds) {
    return UrlMap.newBuilder()
        .setDefaultRouteAction(
            HttpRouteAction.newBuilder().setTimeout(Duration.newBuilder().setSeconds(seconds)))
        .build();
  }

  /** There are differences exactly when the messages are not equal, and they turn around. */
  @Test
  void isEmptyForEqualMessagesOnlyAndSymmetric() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      BackendService one = random(random);
      BackendService other = random(random);
      List<FieldChange> changes = FieldDifferences.between(one, other);
      assertThat(changes.isEmpty()).isEqualTo(one.equals(other));
      assertThat(FieldDifferences.between(other, one))
          .isEqualTo(changes.stream().map(FieldDifferencesTest::turned).toList());
    }
  }

  private static FieldChange turned(FieldChange change) {
    FieldChange.Builder turned = FieldChange.newBuilder().setField(change.getField());
    if (change.hasNewValue()) {
      turned.setOldValue(change.getNewValue());
    }
    if (change.hasOldValue()) {
      turned.setNewValue(change.getOldValue());
    }
    return turned.build();
  }

  private static BackendService random(Random random) {
    BackendService.Builder service =
        BackendService.newBuilder().setProtocolValue(random.nextInt(2));
    for (int i = random.nextInt(3); i > 0; i--) {
      Backend.Builder backend = Backend.newBuilder().setGroup("g" + random.nextInt(2));
      if (random.nextBoolean()) {
        backend.setMaxRate(random.nextInt(2));
      }
      service.addBackends(backend);
    }
    if (random.nextBoolean()) {
      service.setTimeoutSec(random.nextInt(2));
    }
    if (random.nextBoolean()) {
      service.getConnectionDrainingBuilder().setDrainingTimeoutSec(random.nextInt(2));
    }
    return service.build();
  }
}
