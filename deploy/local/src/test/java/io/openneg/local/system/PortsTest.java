package io.openneg.local.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.embedded.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PortsTest {

  @Test
  void theDefaultsAreTheDocumentedOnes() {
    Ports ports = Ports.fromEnvironment(Map.of());
    assertThat(ports.of(Component.NEG)).isEqualTo(8101);
    assertThat(ports.of(Component.PROXY_CONFIG)).isEqualTo(8104);
    assertThat(ports.of(Component.POSTGRES)).isEqualTo(15432);
    assertThat(ports.address(Component.KAFKA)).isEqualTo("127.0.0.1:19092");
  }

  @Test
  void theOffsetShiftsAllButThoseThatAreSet() {
    Ports ports =
        Ports.fromEnvironment(Map.of("OPENNEG_PORT_OFFSET", "1000", "OPENNEG_NEG_PORT", "7001"));
    assertThat(ports.of(Component.NEG)).isEqualTo(7001);
    assertThat(ports.of(Component.BACKEND)).isEqualTo(9102);
    assertThat(ports.of(Component.EDGE)).isEqualTo(10901);
  }

  @Test
  void whatIsNoPortIsRefusedByTheNameOfItsSetting() {
    assertThatThrownBy(() -> Ports.fromEnvironment(Map.of("OPENNEG_KAFKA_PORT", "http")))
        .hasMessage("OPENNEG_KAFKA_PORT: must be a number 1..65535, is 'http'");
    assertThatThrownBy(() -> Ports.fromEnvironment(Map.of("OPENNEG_EDGE_PORT", "0")))
        .hasMessageContaining("OPENNEG_EDGE_PORT");
    assertThatThrownBy(() -> Ports.fromEnvironment(Map.of("OPENNEG_PORT_OFFSET", "60000")))
        .hasMessageContaining("OPENNEG_PORT_OFFSET")
        .hasMessageContaining("postgres");
  }

  @Test
  void everyTakenPortIsNamedWithTheSettingThatChangesIt() throws IOException {
    try (var one = taken();
        var two = taken()) {
      var environment = freeEnvironment();
      environment.put("OPENNEG_HEALTH_PORT", Integer.toString(one.getLocalPort()));
      environment.put("OPENNEG_EDGE_PORT", Integer.toString(two.getLocalPort()));
      assertThatThrownBy(() -> Ports.fromEnvironment(environment).requireFree())
          .isInstanceOf(PortTakenException.class)
          .hasMessageContaining(
              "port %d for health-service is taken: set OPENNEG_HEALTH_PORT", one.getLocalPort())
          .hasMessageContaining(
              "port %d for edge-proxy is taken: set OPENNEG_EDGE_PORT", two.getLocalPort())
          .hasMessageContaining("OPENNEG_PORT_OFFSET");
    }
  }

  @Test
  void onePortForTwoIsRefused() {
    var environment = freeEnvironment();
    environment.put("OPENNEG_NEG_PORT", environment.get("OPENNEG_BACKEND_PORT"));
    assertThatThrownBy(() -> Ports.fromEnvironment(environment).requireFree())
        .hasMessageContaining("is given to more than one process");
  }

  @Test
  void freePortsAreFree() {
    assertThatCode(() -> Ports.free().requireFree()).doesNotThrowAnyException();
  }

  private static Map<String, String> freeEnvironment() {
    var environment = new HashMap<String, String>();
    for (Component component : Component.values()) {
      environment.put(component.portVariable(), Integer.toString(FreePorts.next()));
    }
    return environment;
  }

  private static ServerSocket taken() throws IOException {
    return new ServerSocket(FreePorts.next(), 1, InetAddress.ofLiteral("127.0.0.1"));
  }
}
