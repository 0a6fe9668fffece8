package io.openneg.proxyconfigservice.xds;

import io.openneg.backend.v1.LoadBalancingScheme;
import java.util.Set;

/**
 * Which listeners a node is to get: those of which name and scheme are among these. Immutable.
 *
 * @param names ids of forwarding rules; a "*" at the end stands for any rest. Empty: any
 * @param schemes empty: any
 */
public record ListenerSelection(Set<String> names, Set<LoadBalancingScheme> schemes) {
  /** Every listener. */
  public static final ListenerSelection ALL = new ListenerSelection(Set.of(), Set.of());

  private static final String ANY_REST = "*";

  public ListenerSelection {
    names = Set.copyOf(names);
    schemes = Set.copyOf(schemes);
  }

  boolean takes(String listener, LoadBalancingScheme scheme) {
    return (names.isEmpty() || names.stream().anyMatch(name -> fits(name, listener)))
        && (schemes.isEmpty() || schemes.contains(scheme));
  }

  private static boolean fits(String name, String listener) {
    return name.endsWith(ANY_REST)
        ? listener.startsWith(name.substring(0, name.length() - ANY_REST.length()))
        : listener.equals(name);
  }
}
