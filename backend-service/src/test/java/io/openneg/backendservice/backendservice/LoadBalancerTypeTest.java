package io.openneg.backendservice.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.Protocol;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.backendservice.BackendServiceCommand.AddBackend;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Create;
import io.openneg.backendservice.backendservice.BackendServiceCommand.UpdateBackend;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The seed's rules on load balancer types and balancing modes, pair by pair. */
class LoadBalancerTypeTest {
  private static final String NAME = "projects/p/global/backendServices/web";
  private static final String NEG_A = "projects/p/zones/lab-a/networkEndpointGroups/a";
  private static final String NEG_B = "projects/p/zones/lab-b/networkEndpointGroups/b";
  private static final String MODE = "backend_service.backends[0].balancing_mode";
  private static final GroupFacts NEGS = new GroupFacts(Set.of(NEG_A, NEG_B), Set.of());

  private static Scenario<ResourceState<BackendService>, BackendServiceCommand> nothing() {
    return Scenario.of(
        new BackendServiceDecider(Catalogue.parse("lab 10.128.240.0/20: lab-a lab-b")));
  }

  private static Create create(LoadBalancingScheme scheme, Protocol protocol, Backend... backends) {
    return new Create(
        NAME,
        42,
        Timestamp.newBuilder().setSeconds(7).build(),
        BackendService.newBuilder()
            .setLoadBalancingScheme(scheme)
            .setProtocol(protocol)
            .addAllBackends(List.of(backends))
            .build(),
        new Facts(Set.of(), List.of()),
        NEGS);
  }

  private static Backend rate(String group) {
    return Backend.newBuilder().setGroup(group).setMaxRatePerEndpoint(100).build();
  }

  private static Backend connections(String group) {
    return Backend.newBuilder().setGroup(group).setMaxConnectionsPerEndpoint(10).build();
  }

  private static Backend first(Create create) {
    return nothing().when(create).events().get(1).getBackendAdded().getBackend();
  }

  /** Seed: HTTP(S), internal HTTP(S), TCP proxy and SSL proxy; the pairs are compute v1's. */
  @ParameterizedTest
  @CsvSource({
    "EXTERNAL,              HTTP HTTPS HTTP2 H2C GRPC TCP SSL UDP",
    "EXTERNAL_MANAGED,      HTTP HTTPS HTTP2 H2C GRPC TCP SSL",
    "INTERNAL_MANAGED,      HTTP HTTPS HTTP2 H2C GRPC TCP",
    "INTERNAL_SELF_MANAGED, HTTP HTTPS HTTP2 H2C GRPC TCP",
    "INTERNAL,              TCP UDP"
  })
  void aSchemeGoesWithTheseProtocolsOnly(LoadBalancingScheme scheme, String accepted) {
    Set<String> protocols = Set.of(accepted.split(" ", -1));
    for (Protocol protocol : Protocol.values()) {
      if (protocol == Protocol.PROTOCOL_UNSPECIFIED || protocol == Protocol.UNRECOGNIZED) {
        continue;
      }
      if (protocols.contains(protocol.name())) {
        assertThat(nothing().when(create(scheme, protocol)).events()).hasSize(1);
      } else {
        nothing().when(create(scheme, protocol)).thenInvalid("backend_service.protocol");
      }
    }
  }

  /** Seed: "Only RATE balancing mode is supported by NEGs for HTTP(s) load balancing". */
  @ParameterizedTest
  @EnumSource(names = {"HTTP", "HTTPS", "HTTP2", "H2C", "GRPC"})
  void inHttpLoadBalancingGroupsHaveRateOnly(Protocol protocol) {
    for (LoadBalancingScheme scheme :
        List.of(LoadBalancingScheme.EXTERNAL, LoadBalancingScheme.INTERNAL_MANAGED)) {
      assertThat(first(create(scheme, protocol, rate(NEG_A))).getBalancingMode())
          .isEqualTo(BalancingMode.RATE);
      nothing()
          .when(
              create(
                  scheme,
                  protocol,
                  rate(NEG_A).toBuilder().setBalancingMode(BalancingMode.CONNECTION).build()))
          .thenInvalid(MODE);
    }
  }

  /** Seed: "CONNECTION is supported for TCP/SSL load balancing". */
  @ParameterizedTest
  @EnumSource(names = {"TCP", "SSL"})
  void inTcpAndSslProxyLoadBalancingGroupsHaveConnectionOnly(Protocol protocol) {
    LoadBalancingScheme scheme = LoadBalancingScheme.EXTERNAL;

    assertThat(first(create(scheme, protocol, connections(NEG_A))).getBalancingMode())
        .isEqualTo(BalancingMode.CONNECTION);
    nothing()
        .when(
            create(
                scheme,
                protocol,
                connections(NEG_A).toBuilder().setBalancingMode(BalancingMode.RATE).build()))
        .thenInvalid(MODE);
  }

  /** Seed: "You cannot use a balancing mode of UTILIZATION for backend services that use NEGs". */
  @ParameterizedTest
  @EnumSource(names = {"HTTP", "GRPC", "TCP", "SSL"})
  void utilizationIsNoModeOfGroups(Protocol protocol) {
    Backend backend =
        protocol == Protocol.TCP || protocol == Protocol.SSL ? connections(NEG_A) : rate(NEG_A);

    var refusal =
        nothing()
            .when(
                create(
                    LoadBalancingScheme.EXTERNAL,
                    protocol,
                    backend.toBuilder().setBalancingMode(BalancingMode.UTILIZATION).build()))
            .thenInvalid(MODE);

    assertThat(refusal.message())
        .contains("UTILIZATION cannot be used with network endpoint groups");
  }

  /** Seed: "You cannot use NEGs as a backend with internal TCP/UDP load balancers." */
  @ParameterizedTest
  @CsvSource({
    "INTERNAL, TCP, internal TCP/UDP load balancing",
    "INTERNAL, UDP, internal TCP/UDP load balancing",
    "EXTERNAL, UDP, network load balancing"
  })
  void groupsAreNoBackendsOfPassThroughLoadBalancing(
      LoadBalancingScheme scheme, Protocol protocol, String words) {
    var atOnce =
        nothing()
            .when(create(scheme, protocol, connections(NEG_A)))
            .thenInvalid("backend_service.backends[0].group");
    var later =
        nothing()
            .after(create(scheme, protocol))
            .when(new AddBackend(NAME, connections(NEG_A), NEGS))
            .thenInvalid("backend.group");

    assertThat(atOnce.message()).contains("cannot be backends of " + words);
    assertThat(later.message()).contains("cannot be backends of " + words);
  }

  /** Seed: "Each backend service can have up to 50 NEGs. The NEGs can be in … different zones." */
  @ParameterizedTest
  @EnumSource(names = {"HTTP", "TCP"})
  void theZonesOfTheGroupsMayDiffer(Protocol protocol) {
    boolean tcp = protocol == Protocol.TCP;

    assertThat(
            nothing()
                .when(
                    create(
                        LoadBalancingScheme.EXTERNAL,
                        protocol,
                        tcp ? connections(NEG_A) : rate(NEG_A),
                        tcp ? connections(NEG_B) : rate(NEG_B)))
                .events())
        .hasSize(3);
  }

  /** Compute v1: exactly one target capacity, of the mode's own kind. */
  @ParameterizedTest
  @CsvSource({
    "TCP,  '',                                                        ''",
    "TCP,  max_connections max_connections_per_endpoint,              ''",
    "TCP,  max_connections max_rate,                                  .max_rate",
    "SSL,  max_connections_per_endpoint max_rate_per_endpoint,        .max_rate_per_endpoint",
    "HTTP, '',                                                        ''",
    "HTTP, max_rate max_rate_per_endpoint,                            ''",
    "HTTP, max_rate max_connections,                                  .max_connections",
    "GRPC, max_rate_per_endpoint max_connections_per_endpoint, .max_connections_per_endpoint"
  })
  void theTargetCapacityIsOneOfTheModesOwn(Protocol protocol, String set, String at) {
    nothing()
        .when(create(LoadBalancingScheme.EXTERNAL, protocol, with(set, 5)))
        .thenInvalid("backend_service.backends[0]" + at);
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP, max_rate",
    "HTTP, max_rate_per_endpoint",
    "TCP,  max_connections",
    "TCP,  max_connections_per_endpoint"
  })
  void aTargetCapacityIsGreaterThanZero(Protocol protocol, String field) {
    for (int bad : new int[] {0, -1}) {
      nothing()
          .when(create(LoadBalancingScheme.EXTERNAL, protocol, with(field, bad)))
          .thenInvalid("backend_service.backends[0]." + field);
    }
    assertThat(first(create(LoadBalancingScheme.EXTERNAL, protocol, with(field, 1))))
        .isEqualTo(
            with(field, 1).toBuilder()
                .setBalancingMode(
                    protocol == Protocol.TCP ? BalancingMode.CONNECTION : BalancingMode.RATE)
                .setCapacityScaler(1)
                .build());
  }

  @ParameterizedTest
  @EnumSource(names = {"TCP", "SSL"})
  void aBackendIsUpdatedByTheRulesOfItsService(Protocol protocol) {
    var service =
        nothing().after(create(LoadBalancingScheme.EXTERNAL, protocol, connections(NEG_A)));

    service
        .when(new UpdateBackend(NAME, rate(NEG_A)))
        .thenInvalid("backend.max_rate_per_endpoint", "backend");
    var updated = service.after(new UpdateBackend(NAME, with("max_connections", 7)));

    Backend backend = Objects.requireNonNull(updated.state().resource()).getBackends(0);
    assertThat(backend.getMaxConnections()).isEqualTo(7);
    assertThat(backend.getBalancingMode()).isEqualTo(BalancingMode.CONNECTION);
  }

  private static Backend with(String fields, int value) {
    Backend.Builder backend = Backend.newBuilder().setGroup(NEG_A);
    for (String field : fields.split(" ", -1)) {
      switch (field) {
        case "max_rate" -> backend.setMaxRate(value);
        case "max_rate_per_endpoint" -> backend.setMaxRatePerEndpoint(value);
        case "max_connections" -> backend.setMaxConnections(value);
        case "max_connections_per_endpoint" -> backend.setMaxConnectionsPerEndpoint(value);
        case "" -> {}
        default -> throw new IllegalArgumentException(field);
      }
    }
    return backend.build();
  }
}
