package io.openneg.backendservice.forwardingrule;

import static io.openneg.backend.v1.LoadBalancingScheme.EXTERNAL;
import static io.openneg.backend.v1.LoadBalancingScheme.EXTERNAL_MANAGED;
import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL_MANAGED;
import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL_SELF_MANAGED;

import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.NetworkTier;
import io.openneg.backend.v1.Protocol;
import io.openneg.backendservice.resource.References;
import io.openneg.eventlog.Rejection;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a forwarding rule may say (seed, compute v1). Pure. */
public final class ForwardingRuleRules {
  private static final Pattern PORTS = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");
  private static final List<String> TARGETS =
      List.of("targetHttpProxies", "targetHttpsProxies", "targetTcpProxies", "targetSslProxies");
  private static final Set<LoadBalancingScheme> GLOBAL =
      Set.of(EXTERNAL, EXTERNAL_MANAGED, INTERNAL_SELF_MANAGED);

  /** Seed: internal HTTP(S) load balancing is regional. */
  private static final Set<LoadBalancingScheme> REGIONAL =
      Set.of(EXTERNAL, EXTERNAL_MANAGED, INTERNAL_MANAGED);

  private ForwardingRuleRules() {}

  /**
   * Every fault of a rule.
   *
   * @param complete see {@link #complete}
   */
  static Optional<Rejection> check(String name, ForwardingRule complete) {
    Violations faults = new Violations();
    String ip = complete.getIpAddress();
    faults.check(
        ip.isEmpty()
            || Ipv4Address.parse(ip).isPresent()
            || ResourceName.isName(ip, Scope.GLOBAL_OR_REGION, "addresses"),
        "forwarding_rule.ip_address",
        "must be an IPv4 address, or the name of an address");
    Matcher ports = PORTS.matcher(complete.getPortRange());
    if (faults.check(
        ports.matches(), "forwarding_rule.port_range", "must be one port, '80' or '80-80'")) {
      int port = Integer.parseInt(ports.group(1));
      faults.range(port, 1, 65_535, "forwarding_rule.port_range");
      faults.check(
          ports.group(2) == null || Integer.parseInt(ports.group(2)) == port,
          "forwarding_rule.port_range",
          "must be one port");
    }
    boolean global = References.region(name).isEmpty();
    Set<LoadBalancingScheme> schemes = global ? GLOBAL : REGIONAL;
    if (faults.check(
        schemes.contains(complete.getLoadBalancingScheme()),
        "forwarding_rule.load_balancing_scheme",
        "must be one of %s with a %s rule"
            .formatted(new TreeSet<>(schemes), global ? "global" : "regional"))) {
      NetworkTier tier = tier(name, complete.getLoadBalancingScheme());
      faults.check(
          complete.getNetworkTier() == tier,
          "forwarding_rule.network_tier",
          "must be %s: regional external rules are STANDARD, all others PREMIUM".formatted(tier));
    }
    faults.check(
        complete.getIpProtocol() == Protocol.TCP, "forwarding_rule.ip_protocol", "must be TCP");
    target(
        name,
        complete.getLoadBalancingScheme(),
        complete.getTarget(),
        "forwarding_rule.target",
        faults);
    return faults.rejection();
  }

  /** Seed: Standard Tier has regional external forwarding rules, Premium Tier global ones. */
  private static NetworkTier tier(String name, LoadBalancingScheme scheme) {
    boolean external = scheme == EXTERNAL || scheme == EXTERNAL_MANAGED;
    return external && !References.region(name).isEmpty()
        ? NetworkTier.STANDARD
        : NetworkTier.PREMIUM;
  }

  static void target(
      String name, LoadBalancingScheme scheme, String target, String field, Violations faults) {
    // compute v1: Standard Tier leads to the global proxies.
    boolean inRegion = !References.region(name).isEmpty() && scheme != EXTERNAL;
    String collection = collection(target);
    if (faults.check(
        TARGETS.contains(collection),
        field,
        "must name a target proxy of one of %s, %s"
            .formatted(TARGETS, inRegion ? "in the rule's region" : "a global one"))) {
      if (inRegion) {
        References.check(name, target, collection, field, faults);
      } else {
        faults.check(
            ResourceName.isName(target, Scope.GLOBAL, collection),
            field,
            "must be " + Scope.GLOBAL.form(collection));
      }
    }
  }

  private static String collection(String target) {
    String[] parts = target.split("/", -1);
    return parts.length < 2 ? "" : parts[parts.length - 2];
  }

  /** The rule with every default filled in but for its IP address. */
  static ForwardingRule complete(String name, ForwardingRule wanted) {
    ForwardingRule.Builder rule =
        wanted.toBuilder().clearChangeToken().clearAddress().clearIpAddressOwned().setName(name);
    Matcher ports = PORTS.matcher(wanted.getPortRange());
    if (ports.matches() && ports.group(2) == null) {
      int port = Integer.parseInt(ports.group(1));
      rule.setPortRange(port + "-" + port);
    }
    if (wanted.getLoadBalancingScheme() == LoadBalancingScheme.LOAD_BALANCING_SCHEME_UNSPECIFIED) {
      rule.setLoadBalancingScheme(EXTERNAL);
    }
    if (wanted.getNetworkTier() == NetworkTier.NETWORK_TIER_UNSPECIFIED) {
      rule.setNetworkTier(tier(name, rule.getLoadBalancingScheme()));
    }
    if (wanted.getIpProtocol() == Protocol.PROTOCOL_UNSPECIFIED) {
      rule.setIpProtocol(Protocol.TCP);
    }
    return rule.build();
  }
}
