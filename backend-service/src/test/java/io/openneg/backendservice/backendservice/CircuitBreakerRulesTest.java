package io.openneg.backendservice.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.CircuitBreakers;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.Protocol;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CircuitBreakerRulesTest {
  private static final String AT = "backend_service.circuit_breakers";
  private static final String[] ALL = {
    AT + ".max_connections", AT + ".max_pending_requests", AT + ".max_requests", AT + ".max_retries"
  };

  private static List<String> faults(Protocol protocol, CircuitBreakers limits) {
    Violations faults = new Violations();
    BackendRules.check(
        BackendService.newBuilder().setProtocol(protocol).setCircuitBreakers(limits).build(),
        faults);
    return faults.found().stream().map(Violation::subject).toList();
  }

  private static CircuitBreakers all(int value) {
    return CircuitBreakers.newBuilder()
        .setMaxConnections(value)
        .setMaxPendingRequests(value)
        .setMaxRequests(value)
        .setMaxRetries(value)
        .build();
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "HTTPS", "HTTP2", "H2C", "GRPC"})
  void limitsOfHttpServicesAreAtLeastOne(Protocol protocol) {
    assertThat(faults(protocol, all(1))).isEmpty();
    assertThat(faults(protocol, all(0))).containsExactly(ALL);
    assertThat(faults(protocol, all(-1))).containsExactly(ALL);
  }

  @ParameterizedTest
  @EnumSource(names = {"TCP", "SSL"})
  void tcpAndSslServicesLimitConnectionsOnly(Protocol protocol) {
    assertThat(faults(protocol, CircuitBreakers.newBuilder().setMaxConnections(1).build()))
        .isEmpty();
    assertThat(faults(protocol, all(1))).containsExactly(ALL[1], ALL[2], ALL[3]);
  }

  @Test
  void withoutProxiesNothingIsCounted() {
    assertThat(faults(Protocol.UDP, all(1))).containsExactly(AT);
  }

  @Test
  void limitsAreKeptAsTheyAreGiven() {
    CircuitBreakers one = CircuitBreakers.newBuilder().setMaxRequests(7).build();

    BackendService complete =
        BackendRules.complete(
            BackendService.newBuilder()
                .setLoadBalancingScheme(LoadBalancingScheme.EXTERNAL)
                .setCircuitBreakers(one)
                .build());

    assertThat(complete.getCircuitBreakers()).isEqualTo(one);
    assertThat(BackendRules.complete(BackendService.getDefaultInstance()).hasCircuitBreakers())
        .isFalse();
  }
}
