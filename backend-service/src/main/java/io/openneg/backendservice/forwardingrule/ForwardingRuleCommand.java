package io.openneg.backendservice.forwardingrule;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backendservice.resource.Facts;

/** What may be asked of a forwarding rule. */
public sealed interface ForwardingRuleCommand {
  String name();

  /**
   * @param wanted with every default filled in but for the IP address; id and time are the
   *     command's
   * @param place where it would listen
   */
  record Create(
      String name, long id, Timestamp now, ForwardingRule wanted, Facts facts, Place place)
      implements ForwardingRuleCommand {}

  record SetTarget(String name, String target, Facts facts) implements ForwardingRuleCommand {}

  record Delete(String name) implements ForwardingRuleCommand {}
}
