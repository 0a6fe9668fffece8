package io.openneg.backendservice.resource;

import java.util.List;
import java.util.Set;

/**
 * What a command must know of other resources; read in the command's transaction.
 *
 * @param existing those of the names the command refers to that exist
 * @param users names of the resources that refer to this one
 */
public record Facts(Set<String> existing, List<String> users) {
  public Facts {
    existing = Set.copyOf(existing);
    users = List.copyOf(users);
  }
}
