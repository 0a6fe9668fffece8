package io.openneg.backendservice.forwardingrule;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.RejectedException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Makes the commands of forwarding rules from what they must know. Thread-safe. */
public final class ForwardingRuleCommands {
  private final Resources<ForwardingRule, ForwardingRuleCommand> resources;
  private final Places places;

  public ForwardingRuleCommands(
      Resources<ForwardingRule, ForwardingRuleCommand> resources, Places places) {
    this.resources = resources;
    this.places = places;
  }

  public Resources<ForwardingRule, ForwardingRuleCommand> resources() {
    return resources;
  }

  /**
   * The rule with every default filled in but for its IP address.
   *
   * @throws RejectedException when it is not well-formed
   */
  public static ForwardingRule complete(String name, ForwardingRule sent) {
    ForwardingRule wanted = ForwardingRuleRules.complete(name, sent);
    // Where it would listen can only be asked about a well-formed rule.
    ForwardingRuleRules.check(name, wanted)
        .ifPresent(
            refused -> {
              throw new RejectedException(refused);
            });
    return wanted;
  }

  /**
   * @param complete see {@link #complete}
   */
  public ForwardingRuleCommand creation(
      Handle tx, String name, long id, Timestamp now, ForwardingRule complete) {
    return new ForwardingRuleCommand.Create(
        name,
        id,
        now,
        complete,
        resources.connections(tx, name, List.of(complete.getTarget())),
        places.find(tx, name, complete));
  }

  public ForwardingRuleCommand retargeting(Handle tx, String name, String target) {
    return new ForwardingRuleCommand.SetTarget(
        name, target, resources.connections(tx, name, List.of(target)));
  }
}
