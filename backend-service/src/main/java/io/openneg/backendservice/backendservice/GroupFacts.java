package io.openneg.backendservice.backendservice;

import java.util.Set;

/**
 * What is known of the groups a command names.
 *
 * @param existing names of those that exist
 * @param fenced names of those that are being deleted
 */
public record GroupFacts(Set<String> existing, Set<String> fenced) {
  public GroupFacts {
    existing = Set.copyOf(existing);
    fenced = Set.copyOf(fenced);
  }
}
