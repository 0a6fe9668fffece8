package io.openneg.backendservice.resource;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a command must know of other resources; read in the command's transaction.
 *
 * @param existing those of the names the command refers to that exist
 * @param users names of the resources that refer to this one
 * @param services the backend services that are reached by what the command refers to, by name
 * @param rules the forwarding rules by which this resource is reached
 */
public record Facts(
    Set<String> existing,
    List<String> users,
    Map<String, BackendService> services,
    List<ForwardingRule> rules) {
  public Facts {
    existing = Set.copyOf(existing);
    users = List.copyOf(users);
    services = Map.copyOf(services);
    rules = List.copyOf(rules);
  }

  /** The same with only some of the services. */
  public Facts with(Map<String, BackendService> some) {
    return new Facts(existing, users, some, rules);
  }

  /** Of a command that does not depend on the load balancer around its resource. */
  public Facts(Set<String> existing, List<String> users) {
    this(existing, users, Map.of(), List.of());
  }
}
