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
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Instance groups as backends: the seed's rules beside NEGs, and compute v1's on their own. */
class InstanceGroupBackendsTest {
  private static final String NAME = "projects/p/global/backendServices/web";
  private static final String GROUP = "projects/p/zones/lab-a/instanceGroups/a";
  private static final String OTHER = "projects/p/zones/lab-b/instanceGroups/b";
  private static final String NEG = "projects/p/zones/lab-a/networkEndpointGroups/n";
  private static final GroupFacts GROUPS = new GroupFacts(Set.of(GROUP, OTHER, NEG), Set.of());
  private static final String AT = "backend_service.backends[0]";

  private static Scenario<ResourceState<BackendService>, BackendServiceCommand> nothing() {
    return Scenario.of(
        new BackendServiceDecider(Catalogue.parse("lab 10.128.240.0/20: lab-a lab-b")));
  }

  private static Create create(Protocol protocol, Backend... backends) {
    return create(LoadBalancingScheme.EXTERNAL, protocol, backends);
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
        GROUPS);
  }

  private static Backend.Builder group(String name) {
    return Backend.newBuilder().setGroup(name);
  }

  private static Backend neg() {
    return group(NEG).setMaxRatePerEndpoint(100).build();
  }

  private static Backend first(Create create) {
    return nothing().when(create).events().get(1).getBackendAdded().getBackend();
  }

  @Test
  void utilizationIsTheDefaultWithEightTenths() {
    Backend added = first(create(Protocol.HTTP, group(GROUP).build()));
    assertThat(added.getBalancingMode()).isEqualTo(BalancingMode.UTILIZATION);
    assertThat(added.getMaxUtilization()).isEqualTo(0.8f);
    assertThat(added.getCapacityScaler()).isEqualTo(1f);
  }

  @ParameterizedTest
  @CsvSource({"HTTP, http", "HTTPS, https", "HTTP2, http2", "H2C, h2c", "TCP, tcp", "SSL, ssl"})
  void thePortNameIsTheProtocolUnlessSaid(Protocol protocol, String portName) {
    assertThat(service(create(protocol)).getPortName()).isEqualTo(portName);
  }

  private static BackendService service(Create create) {
    return nothing()
        .when(create)
        .events()
        .getFirst()
        .getBackendServiceCreated()
        .getBackendService();
  }

  /** Seed: "You cannot use instance groups and NEGs as backends in the same backend service." */
  @Test
  void instanceGroupsAndNegsAreNeverInOneService() {
    nothing()
        .when(create(Protocol.HTTP, group(GROUP).build(), neg()))
        .thenInvalid("backend_service.backends[1].group");
    nothing()
        .when(create(Protocol.HTTP, neg(), group(GROUP).build()))
        .thenInvalid("backend_service.backends[1].group");
    nothing()
        .after(create(Protocol.HTTP, neg()))
        .when(new AddBackend(NAME, group(GROUP).build(), GROUPS))
        .thenInvalid("backend.group");
    nothing()
        .after(create(Protocol.HTTP, group(GROUP).build()))
        .when(new AddBackend(NAME, neg(), GROUPS))
        .thenInvalid("backend.group");
    nothing()
        .after(create(Protocol.HTTP, group(GROUP).build()))
        .when(new AddBackend(NAME, group(OTHER).build(), GROUPS))
        .events();
  }

  /** compute v1: HTTP family UTILIZATION or RATE, TCP and SSL UTILIZATION or CONNECTION. */
  @ParameterizedTest
  @CsvSource({
    "HTTP, RATE, CONNECTION",
    "GRPC, RATE, CONNECTION",
    "TCP, CONNECTION, RATE",
    "SSL, CONNECTION, RATE"
  })
  void theOtherModeIsTheProtocols(Protocol protocol, BalancingMode mode, BalancingMode never) {
    Backend.Builder backend = group(GROUP).setBalancingMode(mode);
    nothing().when(create(protocol, backend.build())).thenInvalid(AT);
    if (mode == BalancingMode.RATE) {
      backend.setMaxRatePerInstance(50);
    } else {
      backend.setMaxConnectionsPerInstance(50);
    }
    assertThat(first(create(protocol, backend.build())).getBalancingMode()).isEqualTo(mode);
    nothing()
        .when(create(protocol, group(GROUP).setBalancingMode(never).build()))
        .thenInvalid(AT + ".balancing_mode");
  }

  @Test
  void eachCapacityBelongsToItsModeProtocolAndKind() {
    refused(Protocol.HTTP, group(GROUP).setMaxRatePerEndpoint(1), AT + ".max_rate_per_endpoint");
    refused(Protocol.HTTP, group(GROUP).setMaxConnections(1), AT + ".max_connections");
    refused(Protocol.TCP, group(GROUP).setMaxRate(1), AT + ".max_rate");
    refused(
        Protocol.HTTP,
        group(GROUP).setBalancingMode(BalancingMode.RATE).setMaxRate(1).setMaxUtilization(0.5f),
        AT + ".max_utilization");
    refused(Protocol.HTTP, group(GROUP).setMaxUtilization(0), AT + ".max_utilization");
    refused(Protocol.HTTP, group(GROUP).setMaxUtilization(1.01f), AT + ".max_utilization");
    refused(Protocol.HTTP, group(GROUP).setMaxUtilization(Float.NaN), AT + ".max_utilization");
    refused(Protocol.HTTP, group(GROUP).setMaxRate(10).setMaxRatePerInstance(1), AT);
    refused(
        Protocol.HTTP, neg().toBuilder().setMaxRatePerInstance(1), AT + ".max_rate_per_instance");
    refused(Protocol.HTTP, neg().toBuilder().setMaxUtilization(0.5f), AT + ".max_utilization");
    first(create(Protocol.HTTP, group(GROUP).setMaxUtilization(1).setMaxRate(10).build()));
  }

  private static void refused(Protocol protocol, Backend.Builder backend, String field) {
    assertThat(
            nothing()
                .when(create(protocol, backend.build()))
                .thenRejected("INVALID_ARGUMENT")
                .violations())
        .anySatisfy(violation -> assertThat(violation.subject()).isEqualTo(field));
  }

  @Test
  void allBackendsHaveOneMode() {
    nothing()
        .when(
            create(
                Protocol.HTTP,
                group(GROUP).build(),
                group(OTHER).setBalancingMode(BalancingMode.RATE).setMaxRate(5).build()))
        .thenInvalid("backend_service.backends[1].balancing_mode");
  }

  /** Seed: NEGs cannot be backends of internal TCP/UDP load balancing; instance groups can. */
  @Test
  void whatPassesPacketsThroughTakesInstanceGroups() {
    Create create = create(LoadBalancingScheme.INTERNAL, Protocol.TCP, group(GROUP).build());
    assertThat(first(create).getBalancingMode()).isEqualTo(BalancingMode.CONNECTION);
    nothing()
        .when(
            create(
                LoadBalancingScheme.INTERNAL,
                Protocol.TCP,
                group(GROUP).setMaxConnections(1).build()))
        .thenInvalid(AT + ".max_connections");
  }

  /** compute v1: preferred backends are for load balancers that are Envoys. */
  @Test
  void preferredIsRefusedWhereProxiesHaveNoChoice() {
    Backend preferred = neg().toBuilder().setPreference(Backend.Preference.PREFERRED).build();
    nothing()
        .when(create(LoadBalancingScheme.EXTERNAL, Protocol.HTTP, preferred))
        .thenInvalid(AT + ".preference");
    assertThat(
            first(create(LoadBalancingScheme.EXTERNAL_MANAGED, Protocol.HTTP, preferred))
                .getPreference())
        .isEqualTo(Backend.Preference.PREFERRED);
    nothing()
        .after(create(LoadBalancingScheme.EXTERNAL, Protocol.HTTP))
        .when(new AddBackend(NAME, preferred, GROUPS))
        .thenInvalid("backend.preference");
  }

  @Test
  void aGroupThatIsNotThereIsRefused() {
    nothing()
        .when(create(Protocol.HTTP, group("projects/p/zones/lab-a/instanceGroups/none").build()))
        .thenRejected("REFERENCE_NOT_FOUND");
  }
}
