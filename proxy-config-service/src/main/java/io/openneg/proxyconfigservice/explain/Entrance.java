package io.openneg.proxyconfigservice.explain;

import io.openneg.backend.v1.ForwardingRule;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a request comes in.
 *
 * @param rule name of the forwarding rule; empty: the one that listens at the port
 * @param port 1..65535
 */
record Entrance(String rule, int port) {
  /** "80" or "80-90". */
  private static final Pattern PORTS = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

  private static final int SHOWN_RULES = 10;

  /** Which forwarding rule takes it; empty when none does, or it is not clear which. */
  Optional<ForwardingRule> find(RoutingTable table, Findings findings) {
    return rule.isEmpty() ? atPort(table, findings) : byName(table, findings);
  }

  private Optional<ForwardingRule> byName(RoutingTable table, Findings findings) {
    @Nullable ForwardingRule found = table.forwardingRules().get(rule);
    if (found == null) {
      findings.fails(rule, "there is no such forwarding rule", "create it, or check its name");
      return Optional.empty();
    }
    findings.holds(rule, listens(found));
    return Optional.of(found);
  }

  private Optional<ForwardingRule> atPort(RoutingTable table, Findings findings) {
    List<ForwardingRule> rules = List.copyOf(new TreeMap<>(table.forwardingRules()).values());
    List<ForwardingRule> there = rules.stream().filter(this::isAtPort).toList();
    if (there.isEmpty()) {
      findings.fails(
          "forwarding rules",
          "none listens at port %d%s"
              .formatted(port, rules.isEmpty() ? "" : "; there are " + names(rules)),
          "create one, or name the port or the rule that the request comes by");
      return Optional.empty();
    }
    if (there.size() > 1) {
      findings.fails(
          "forwarding rules",
          "several listen at port %d: %s".formatted(port, names(there)),
          "name the one that the request comes by in forwarding_rule");
      return Optional.empty();
    }
    findings.holds(there.getFirst().getName(), listens(there.getFirst()));
    return Optional.of(there.getFirst());
  }

  private static String listens(ForwardingRule rule) {
    return "listens at %s, port %s, for %s"
        .formatted(rule.getIpAddress(), rule.getPortRange(), rule.getTarget());
  }

  private static String names(List<ForwardingRule> rules) {
    return rules.stream()
            .limit(SHOWN_RULES)
            .map(one -> "%s at %s".formatted(one.getName(), one.getPortRange()))
            .collect(Collectors.joining(", "))
        + (rules.size() > SHOWN_RULES ? " and %d more".formatted(rules.size() - SHOWN_RULES) : "");
  }

  private boolean isAtPort(ForwardingRule candidate) {
    Matcher range = PORTS.matcher(candidate.getPortRange());
    if (!range.matches()) {
      return false;
    }
    int first = Integer.parseInt(range.group(1));
    int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
    return first <= port && port <= last;
  }
}
