package io.openneg.edgeproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.edgeproxy.xds.AdsClient;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

  @Test
  void onlyTheNodeIdIsRequired() throws Exception {
    Settings settings = Settings.of(Map.of("OPENNEG_NODE_ID", "edge-1"));
    assertThat(settings.xdsServer()).hasToString("127.0.0.1:8104");
    assertThat(settings.xdsProtocol()).isEqualTo(AdsClient.Protocol.DELTA);
    assertThat(settings.adminHost()).isEqualTo("127.0.0.1");
    assertThat(settings.adminPort()).isEqualTo(9901);
    assertThat(settings.node().region()).isEmpty();
    assertThatThrownBy(() -> Settings.of(Map.of()))
        .isInstanceOf(Settings.Invalid.class)
        .hasMessage("OPENNEG_NODE_ID: must be set, for example to edge-1");
  }

  @Test
  void stateOfTheWorldCanBeAskedFor() throws Exception {
    Settings settings =
        Settings.of(
            Map.of("OPENNEG_NODE_ID", "edge-1", "OPENNEG_XDS_PROTOCOL", "state-of-the-world"));
    assertThat(settings.xdsProtocol()).isEqualTo(AdsClient.Protocol.STATE_OF_THE_WORLD);
  }

  @ParameterizedTest
  @CsvSource({
    "OPENNEG_XDS_SERVER, localhost, must be HOST:PORT",
    "OPENNEG_XDS_SERVER, :8104, must be HOST:PORT",
    "OPENNEG_XDS_SERVER, localhost:0, the port must be 1..65535",
    "OPENNEG_XDS_SERVER, localhost:x, the port must be a number",
    "OPENNEG_XDS_PROTOCOL, sotw, must be delta or state-of-the-world",
    "OPENNEG_ADMIN_PORT, 65536, the port must be 0..65535",
  })
  void saysWhichSettingIsWrongAndWhy(String setting, String value, String rule) {
    assertThatThrownBy(() -> Settings.of(Map.of("OPENNEG_NODE_ID", "e", setting, value)))
        .isInstanceOf(Settings.Invalid.class)
        .hasMessageStartingWith(setting + ": ")
        .hasMessageContaining(rule);
  }
}
