package io.openneg.backendservice.forwardingrule;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backendservice.resource.Facts;
import java.util.Optional;

/** What may be asked of a forwarding rule. */
public sealed interface ForwardingRuleCommand {
  String name();

  /**
   * @param wanted with address and port range in their full forms; name, id and time are the
   *     command's
   * @param taken the rule that listens there already
   */
  record Create(
      String name,
      long id,
      Timestamp now,
      ForwardingRule wanted,
      Facts facts,
      Optional<String> taken)
      implements ForwardingRuleCommand {}

  record SetTarget(String name, String target, Facts facts) implements ForwardingRuleCommand {}

  record Delete(String name) implements ForwardingRuleCommand {}
}
