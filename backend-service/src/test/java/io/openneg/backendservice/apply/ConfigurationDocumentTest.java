package io.openneg.backendservice.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Duration;
import com.google.protobuf.util.JsonFormat;
import io.openneg.backend.v1.Configuration;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Violation;
import org.junit.jupiter.api.Test;

class ConfigurationDocumentTest {
  private static final String YAML =
      """
      # A comment.
      health_checks:
        - name: global/healthChecks/web
          checkIntervalSec: 10
          http_health_check: {request_path: /ready}
      backendServices:
        - name: "global/backendServices/web"
          protocol: HTTP
          backends:
            - group: zones/z/networkEndpointGroups/web
              max_rate_per_endpoint: 12.5
      url_maps:
        - name: global/urlMaps/web
          default_route_action:
            timeout: 1.5s
      forwarding_rules:
        - name: global/forwardingRules/web
          port_range: 80
          ip_address:
      """;

  private static Rejection refused(String document) {
    return catchThrowableOfType(
            RejectedException.class, () -> ConfigurationDocument.parse(document))
        .rejection();
  }

  @Test
  void readsYamlWithFieldsInEitherCase() {
    Configuration read = ConfigurationDocument.parse(YAML);
    assertThat(read.getHealthChecks(0).getCheckIntervalSec()).isEqualTo(10);
    assertThat(read.getHealthChecks(0).getHttpHealthCheck().getRequestPath()).isEqualTo("/ready");
    assertThat(read.getBackendServices(0).getBackends(0).getMaxRatePerEndpoint()).isEqualTo(12.5f);
    assertThat(read.getUrlMaps(0).getDefaultRouteAction().getTimeout())
        .isEqualTo(Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build());
    assertThat(read.getForwardingRules(0).getPortRange()).isEqualTo("80");
    assertThat(read.getForwardingRules(0).getIpAddress()).isEmpty();
  }

  /** What proto3 JSON prints is read as it was, in lowerCamelCase, snake_case and with tabs. */
  @Test
  void readsJson() throws Exception {
    Configuration read = ConfigurationDocument.parse(YAML);
    String json = JsonFormat.printer().print(read);
    assertThat(ConfigurationDocument.parse(json)).isEqualTo(read);
    assertThat(ConfigurationDocument.parse(json.replace("  ", "\t"))).isEqualTo(read);
    assertThat(
            ConfigurationDocument.parse(
                JsonFormat.printer().preservingProtoFieldNames().print(read)))
        .isEqualTo(read);
  }

  @Test
  void anErrorOfSyntaxHasLineAndColumn() {
    Violation fault = refused("health_checks:\n  - name: a\n b: c\n").violations().getFirst();
    assertThat(fault.subject()).isEqualTo("document");
    assertThat(fault.description()).contains("line 3, column 2");
  }

  @Test
  void everyWrongFieldIsNamedWithItsPlace() {
    assertThat(
            refused(
                    """
                    health_checks:
                      - name: a
                        check_interval: 5
                        timeout_sec: soon
                        tcp_health_check: 7
                      - [a]
                    backend_services:
                      name: a
                    url_maps:
                      - name: a
                        name: b
                        host_rules: [{hosts: a}]
                    target_tcp_proxies: [{name: x, proxy_header: V1}]
                    """)
                .violations())
        .extracting(v -> v.subject() + " " + v.description())
        .containsExactly(
            "health_checks[0].check_interval is not a field (line 3, column 5)",
            "health_checks[0].timeout_sec must be a whole number, is 'soon' (line 4, column 18)",
            "health_checks[0].tcp_health_check must be a mapping of fields (line 5, column 23)",
            "health_checks[1] must be a mapping of fields (line 6, column 5)",
            "backend_services must be a list (line 8, column 3)",
            "url_maps[0].name must be given once (line 11, column 5)",
            "url_maps[0].host_rules[0].hosts must be a list (line 12, column 26)",
            "target_tcp_proxies[0].proxy_header must be one of [NONE, PROXY_V1], is 'V1' (line 13,"
                + " column 46)");
  }

  /** A truncated file must not be read as the wish to have nothing (with prune: to delete all). */
  @Test
  void nothingIsNoConfigurationUnlessItIsSaid() {
    assertThat(refused("").violations().getFirst().description()).contains("is empty");
    assertThat(refused("# all commented out\n").reason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(refused("null").reason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(refused("a: 1\n---\nb: 1\n").reason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(ConfigurationDocument.parse("{}")).isEqualTo(Configuration.getDefaultInstance());
  }

  /** "A billion laughs": each alias ten times the one before. */
  @Test
  void aliasesCannotBlowADocumentUp() {
    StringBuilder document = new StringBuilder("health_checks: [&a0 {name: x}]\n");
    StringBuilder rules = new StringBuilder("url_maps:\n- path_matchers: &b0 [");
    rules.append("{name: m}, ".repeat(10)).append("]\n");
    for (int i = 1; i < 8; i++) {
      rules.append("- path_matchers: &b").append(i).append(" [");
      rules.append("{path_rules: *b%d}, ".formatted(i - 1).repeat(10)).append("]\n");
    }
    assertThat(refused(document.append(rules).toString()).violations()).isNotEmpty();
  }

  @Test
  void anAliasThatHoldsItselfIsRefused() {
    assertThat(
            refused("url_maps:\n- &m\n  path_matchers:\n  - &p\n    path_rules: [*p]\n").reason())
        .isEqualTo("INVALID_ARGUMENT");
  }
}
