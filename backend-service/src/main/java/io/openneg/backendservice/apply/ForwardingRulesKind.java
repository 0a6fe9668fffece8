package io.openneg.backendservice.apply;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommands;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.Rehearsal;

/** Forwarding rules in a configuration. Only the target of one can change. */
record ForwardingRulesKind(ForwardingRuleCommands rules) implements Kind<ForwardingRule> {

  @Override
  public String list() {
    return "forwarding_rules";
  }

  @Override
  public String called() {
    return "forwarding_rule";
  }

  @Override
  public Resources<ForwardingRule, ForwardingRuleCommand> resources() {
    return rules.resources();
  }

  @Override
  public void create(Rehearsal rehearsal, String name, ForwardingRule wanted, Timestamp now) {
    ForwardingRule complete = ForwardingRuleCommands.complete(name, wanted);
    long id = Resources.newId();
    resources().rehearse(rehearsal, name, tx -> rules.creation(tx, name, id, now, complete));
  }

  @Override
  public void update(
      Rehearsal rehearsal, String name, ForwardingRule current, ForwardingRule wanted) {
    ForwardingRule complete = ForwardingRuleCommands.complete(name, wanted);
    Immutable.check(called(), current, settled(current, complete));
    Located.at(
        "target",
        called() + ".target",
        () ->
            resources()
                .rehearse(
                    rehearsal, name, tx -> rules.retargeting(tx, name, complete.getTarget())));
  }

  /** The rule with what was chosen or found for it when it was created, and with its target. */
  private static ForwardingRule settled(ForwardingRule current, ForwardingRule complete) {
    String ip = complete.getIpAddress();
    boolean here = ip.isEmpty() || ip.equals(current.getAddress());
    return complete.toBuilder()
        .setIpAddress(here ? current.getIpAddress() : ip)
        .setAddress(current.getAddress())
        .setIpAddressOwned(current.getIpAddressOwned())
        .setTarget(current.getTarget())
        .build();
  }

  @Override
  public long delete(Rehearsal rehearsal, String name) {
    return resources().rehearse(rehearsal, name, _ -> new ForwardingRuleCommand.Delete(name));
  }
}
