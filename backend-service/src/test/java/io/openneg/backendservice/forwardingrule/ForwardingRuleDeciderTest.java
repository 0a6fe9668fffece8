package io.openneg.backendservice.forwardingrule;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.Create;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.Delete;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.SetTarget;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.eventlog.Rejection.Violation;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardingRuleDeciderTest {
  private static final String NAME = "projects/p/global/forwardingRules/rule";
  private static final String TARGET = "projects/p/global/targetHttpProxies/proxy";
  private static final Facts FACTS = new Facts(Set.of(TARGET), List.of());

  private static Scenario<ResourceState<ForwardingRule>, ForwardingRuleCommand> nothing() {
    return Scenario.of(new ForwardingRuleDecider());
  }

  private static ForwardingRule rule(String ip, String ports) {
    return ForwardingRule.newBuilder()
        .setIpAddress(ip)
        .setPortRange(ports)
        .setTarget(TARGET)
        .build();
  }

  private static Create create(Optional<String> taken) {
    return new Create(
        NAME,
        42,
        Timestamp.getDefaultInstance(),
        ForwardingRuleRules.complete(rule("", "80")),
        FACTS,
        taken);
  }

  @Test
  void everyDefaultIsFilledIn() {
    ForwardingRule made =
        nothing()
            .when(create(Optional.empty()))
            .events()
            .getFirst()
            .getForwardingRuleCreated()
            .getForwardingRule();

    assertThat(made.getIpAddress()).isEqualTo("0.0.0.0");
    assertThat(made.getPortRange()).isEqualTo("80-80");
    assertThat(made.getLoadBalancingScheme()).isEqualTo(LoadBalancingScheme.EXTERNAL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "65536", "80-81", "http", "80,81", "-80"})
  void thePortRangeMayNotBe(String ports) {
    assertThat(ForwardingRuleRules.check(rule("10.0.0.1", ports)).orElseThrow().violations())
        .extracting(Violation::subject)
        .containsOnly("forwarding_rule.port_range");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0", "10.0.0.256", "::1", "localhost", "1.2.3.4.5"})
  void theAddressMayNotBe(String ip) {
    assertThat(ForwardingRuleRules.check(rule(ip, "80")).orElseThrow().violations())
        .extracting(Violation::subject)
        .containsExactly("forwarding_rule.ip_address");
  }

  @Test
  void anAddressAndPortInUseIsRefusedAndItsRuleNamed() {
    var refusal =
        nothing()
            .when(create(Optional.of("projects/p/global/forwardingRules/other")))
            .thenRejected("ADDRESS_IN_USE");

    assertThat(refusal.message()).contains("projects/p/global/forwardingRules/other");
  }

  @Test
  void theTargetIsReplacedAndMustExist() {
    var created = nothing().after(create(Optional.empty()));

    created.when(new SetTarget(NAME, TARGET, FACTS)).thenNothing();
    created
        .when(new SetTarget(NAME, TARGET, new Facts(Set.of(), List.of())))
        .thenRejected("REFERENCE_NOT_FOUND");
    created.when(new SetTarget(NAME, "nonsense", FACTS)).thenInvalid("target");
  }

  @Test
  void aDeletedRuleIsGone() {
    nothing()
        .after(create(Optional.empty()))
        .after(new Delete(NAME))
        .when(new Delete(NAME))
        .thenRejected("NOT_FOUND");
  }
}
