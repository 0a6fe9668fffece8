package io.openneg.backendservice.forwardingrule;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.NetworkTier;
import io.openneg.backend.v1.Protocol;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.Create;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.Delete;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.SetTarget;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardingRuleDeciderTest {
  private static final String NAME = "projects/p/global/forwardingRules/rule";
  private static final String REGIONAL = "projects/p/regions/lab/forwardingRules/rule";
  private static final String TARGET = "projects/p/global/targetHttpProxies/proxy";
  private static final String LOCAL = "projects/p/regions/lab/targetHttpProxies/proxy";
  private static final Place ANYWHERE = new Place("0.0.0.0", "", false, Optional.empty());
  private static final Facts FACTS = facts(LoadBalancingScheme.EXTERNAL);

  private static Facts facts(LoadBalancingScheme scheme) {
    String service = "projects/p/global/backendServices/web";
    return new Facts(
        Set.of(TARGET, LOCAL),
        List.of(),
        Map.of(
            service,
            BackendService.newBuilder().setName(service).setLoadBalancingScheme(scheme).build()),
        List.of());
  }

  private static Scenario<ResourceState<ForwardingRule>, ForwardingRuleCommand> nothing() {
    return Scenario.of(new ForwardingRuleDecider());
  }

  private static ForwardingRule.Builder rule(String ip, String ports) {
    return ForwardingRule.newBuilder().setIpAddress(ip).setPortRange(ports).setTarget(TARGET);
  }

  private static Create create(String name, ForwardingRule.Builder rule, Facts facts, Place place) {
    return new Create(
        name,
        42,
        Timestamp.getDefaultInstance(),
        ForwardingRuleRules.complete(name, rule.build()),
        facts,
        place);
  }

  private static Create create(ForwardingRule.Builder rule) {
    return create(NAME, rule, FACTS, ANYWHERE);
  }

  private static ForwardingRule created(Create create) {
    return Objects.requireNonNull(nothing().after(create).state().resource());
  }

  @Test
  void everyDefaultIsFilledIn() {
    ForwardingRule made = created(create(rule("", "80")));

    assertThat(made.getIpAddress()).isEqualTo("0.0.0.0");
    assertThat(made.getPortRange()).isEqualTo("80-80");
    assertThat(made.getLoadBalancingScheme()).isEqualTo(LoadBalancingScheme.EXTERNAL);
    assertThat(made.getIpProtocol()).isEqualTo(Protocol.TCP);
    assertThat(made.getNetworkTier()).isEqualTo(NetworkTier.PREMIUM);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "65536", "80-81", "http", "80,81", "-80"})
  void thePortRangeMayNotBe(String ports) {
    nothing().when(create(rule("10.0.0.1", ports))).thenInvalid("forwarding_rule.port_range");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0",
        "10.0.0.256",
        "::1",
        "localhost",
        "1.2.3.4.5",
        "projects/p/zones/z/addresses/a"
      })
  void theAddressMayNotBe(String ip) {
    nothing().when(create(rule(ip, "80"))).thenInvalid("forwarding_rule.ip_address");
  }

  @Test
  void premiumIsGlobalAndStandardIsRegional() {
    assertThat(created(create(REGIONAL, rule("", "80"), FACTS, ANYWHERE)).getNetworkTier())
        .isEqualTo(NetworkTier.STANDARD);
    nothing()
        .when(create(rule("", "80").setNetworkTier(NetworkTier.STANDARD)))
        .thenInvalid("forwarding_rule.network_tier");
    nothing()
        .when(create(REGIONAL, rule("", "80").setNetworkTier(NetworkTier.PREMIUM), FACTS, ANYWHERE))
        .thenInvalid("forwarding_rule.network_tier");
  }

  @Test
  void internalManagedIsRegionalAndSelfManagedIsGlobal() {
    nothing()
        .when(create(rule("", "80").setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_MANAGED)))
        .thenInvalid("forwarding_rule.load_balancing_scheme");
    nothing()
        .when(
            create(
                REGIONAL,
                rule("", "80")
                    .setTarget(LOCAL)
                    .setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_SELF_MANAGED),
                FACTS,
                ANYWHERE))
        .thenInvalid("forwarding_rule.load_balancing_scheme");
    assertThat(
            created(
                    create(
                        REGIONAL,
                        rule("", "80")
                            .setTarget(LOCAL)
                            .setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_MANAGED),
                        facts(LoadBalancingScheme.INTERNAL_MANAGED),
                        ANYWHERE))
                .getNetworkTier())
        .isEqualTo(NetworkTier.PREMIUM);
  }

  @Test
  void theTargetIsOfItsScope() {
    nothing().when(create(rule("", "80").setTarget(LOCAL))).thenInvalid("forwarding_rule.target");
    nothing()
        .when(
            create(
                REGIONAL,
                rule("", "80").setLoadBalancingScheme(LoadBalancingScheme.EXTERNAL_MANAGED),
                FACTS,
                ANYWHERE))
        .thenInvalid("forwarding_rule.target");
    nothing()
        .when(create(rule("", "80").setTarget("projects/p/global/urlMaps/map")))
        .thenInvalid("forwarding_rule.target");
  }

  @Test
  void itsSchemeIsThatOfTheServicesBehindIt() {
    nothing()
        .when(create(NAME, rule("", "80"), facts(LoadBalancingScheme.EXTERNAL_MANAGED), ANYWHERE))
        .thenRejected("BACKEND_SERVICE_MISMATCH");
    nothing()
        .after(create(rule("", "80")))
        .when(new SetTarget(NAME, TARGET, facts(LoadBalancingScheme.INTERNAL_SELF_MANAGED)))
        .thenRejected("BACKEND_SERVICE_MISMATCH");
  }

  @Test
  void onlyTcpIsProxied() {
    nothing()
        .when(create(rule("", "80").setIpProtocol(Protocol.UDP)))
        .thenInvalid("forwarding_rule.ip_protocol");
  }

  @Test
  void aPlaceThatIsRefusedRefusesTheRule() {
    var rejection = Refusals.notFound("projects/p/global/addresses/gone");
    nothing()
        .when(create(NAME, rule("", "80"), FACTS, Place.refused(rejection)))
        .thenRejected("NOT_FOUND");
  }

  @Test
  void theTargetIsReplacedAndMustExist() {
    var created = nothing().after(create(rule("", "80")));

    created.when(new SetTarget(NAME, TARGET, FACTS)).thenNothing();
    created
        .when(new SetTarget(NAME, TARGET, new Facts(Set.of(), List.of())))
        .thenRejected("REFERENCE_NOT_FOUND");
    created.when(new SetTarget(NAME, "nonsense", FACTS)).thenInvalid("target");
  }

  @Test
  void aDeletedRuleIsGone() {
    nothing()
        .after(create(rule("", "80")))
        .after(new Delete(NAME))
        .when(new Delete(NAME))
        .thenRejected("NOT_FOUND");
  }
}
