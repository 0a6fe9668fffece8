package io.openneg.backendservice.forwardingrule;

import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.eventlog.Rejection;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a forwarding rule may say (compute v1). Pure. */
public final class ForwardingRuleRules {
  private static final Pattern PORTS = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");
  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

  private ForwardingRuleRules() {}

  /** Every fault of a rule as a client sent it. */
  public static Optional<Rejection> check(ForwardingRule rule) {
    Violations faults = new Violations();
    faults.check(
        rule.getIpAddress().isEmpty() || IPV4.matcher(rule.getIpAddress()).matches(),
        "forwarding_rule.ip_address",
        "must be an IPv4 address");
    Matcher ports = PORTS.matcher(rule.getPortRange());
    if (faults.check(
        ports.matches(), "forwarding_rule.port_range", "must be one port, '80' or '80-80'")) {
      int port = Integer.parseInt(ports.group(1));
      faults.range(port, 1, 65_535, "forwarding_rule.port_range");
      faults.check(
          ports.group(2) == null || Integer.parseInt(ports.group(2)) == port,
          "forwarding_rule.port_range",
          "must be one port");
    }
    faults.check(
        rule.getLoadBalancingScheme() != LoadBalancingScheme.UNRECOGNIZED
            && rule.getLoadBalancingScheme() != LoadBalancingScheme.INTERNAL,
        "forwarding_rule.load_balancing_scheme",
        "must be EXTERNAL, EXTERNAL_MANAGED, INTERNAL_MANAGED or INTERNAL_SELF_MANAGED");
    target(rule.getTarget(), "forwarding_rule.target", faults);
    return faults.rejection();
  }

  static void target(String target, String field, Violations faults) {
    faults.check(
        ResourceName.isName(target, Scope.GLOBAL, "targetHttpProxies"),
        field,
        "must be projects/{project}/global/targetHttpProxies/{id}");
  }

  /** The rule with every default filled in; it must have passed {@link #check}. */
  public static ForwardingRule complete(ForwardingRule wanted) {
    ForwardingRule.Builder rule = wanted.toBuilder().clearChangeToken();
    if (wanted.getIpAddress().isEmpty()) {
      rule.setIpAddress("0.0.0.0");
    }
    String range = wanted.getPortRange();
    int dash = range.indexOf('-');
    int port = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
    rule.setPortRange(port + "-" + port);
    if (wanted.getLoadBalancingScheme() == LoadBalancingScheme.LOAD_BALANCING_SCHEME_UNSPECIFIED) {
      rule.setLoadBalancingScheme(LoadBalancingScheme.EXTERNAL);
    }
    return rule.build();
  }
}
