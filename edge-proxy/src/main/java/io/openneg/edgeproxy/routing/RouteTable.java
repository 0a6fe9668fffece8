package io.openneg.edgeproxy.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A route configuration made ready for matching. Immutable, so any number of threads may match.
 *
 * <p>The precedence of domains is Envoy's: the exact name, then the longest {@code *suffix}, then
 * the longest {@code prefix*}, then {@code *}. A wildcard stands for at least one character.
 */
public final class RouteTable {

  private final String name;
  private final List<VirtualHost> virtualHosts;
  private final boolean ignorePort;
  private final Map<String, VirtualHost> exact = new HashMap<>();
  private final List<Wildcards> suffixes;
  private final List<Wildcards> prefixes;
  private final @Nullable VirtualHost any;
  private final Set<String> clusters;

  /** The wildcard domains whose fixed part has one and the same length. */
  private record Wildcards(int length, Map<String, VirtualHost> byFixedPart) {}

  /**
   * @param ignorePort whether a port in the Host header is disregarded
   * @throws IllegalArgumentException when a domain is there twice, or is no domain pattern
   */
  public RouteTable(String name, List<VirtualHost> virtualHosts, boolean ignorePort) {
    this.name = name;
    this.virtualHosts = List.copyOf(virtualHosts);
    this.ignorePort = ignorePort;
    Map<Integer, Map<String, VirtualHost>> suffixesByLength = new HashMap<>();
    Map<Integer, Map<String, VirtualHost>> prefixesByLength = new HashMap<>();
    VirtualHost catchAll = null;
    for (VirtualHost host : virtualHosts) {
      for (String domain : host.domains()) {
        VirtualHost before;
        if (domain.equals("*")) {
          before = catchAll;
          catchAll = host;
        } else if (domain.startsWith("*")) {
          before = addWildcard(suffixesByLength, domain.substring(1), host);
        } else if (domain.endsWith("*")) {
          before = addWildcard(prefixesByLength, domain.substring(0, domain.length() - 1), host);
        } else {
          before = exact.put(domain, host);
        }
        if (before != null) {
          throw new IllegalArgumentException(
              "the domain \"%s\" is in the virtual hosts \"%s\" and \"%s\""
                  .formatted(domain, before.name(), host.name()));
        }
      }
    }
    this.any = catchAll;
    this.suffixes = longestFirst(suffixesByLength);
    this.prefixes = longestFirst(prefixesByLength);
    this.clusters = clustersOf(virtualHosts);
  }

  private static @Nullable VirtualHost addWildcard(
      Map<Integer, Map<String, VirtualHost>> byLength, String fixedPart, VirtualHost host) {
    if (fixedPart.isEmpty() || fixedPart.indexOf('*') >= 0) {
      throw new IllegalArgumentException(
          "a domain of the virtual host \"%s\" has more than one \"*\"".formatted(host.name()));
    }
    return byLength.computeIfAbsent(fixedPart.length(), _ -> new HashMap<>()).put(fixedPart, host);
  }

  private static List<Wildcards> longestFirst(Map<Integer, Map<String, VirtualHost>> byLength) {
    List<Wildcards> sorted = new ArrayList<>();
    byLength.forEach((length, hosts) -> sorted.add(new Wildcards(length, hosts)));
    sorted.sort(Comparator.comparingInt(Wildcards::length).reversed());
    return List.copyOf(sorted);
  }

  private static Set<String> clustersOf(List<VirtualHost> virtualHosts) {
    Set<String> names = new TreeSet<>();
    for (VirtualHost host : virtualHosts) {
      for (Route route : host.routes()) {
        if (route.action() instanceof RouteAction.Forward forward) {
          forward.clusters().forEach(cluster -> names.add(cluster.name()));
        }
      }
    }
    return Set.copyOf(names);
  }

  public String name() {
    return name;
  }

  public List<VirtualHost> virtualHosts() {
    return virtualHosts;
  }

  /** Names of the clusters that routes forward to. */
  public Set<String> clusters() {
    return clusters;
  }

  /**
   * The route of a request, or null where none is for it.
   *
   * @param authority value of the Host header, with or without a port
   */
  public @Nullable Route match(String authority, RequestFields request) {
    VirtualHost host = virtualHost(authority);
    if (host == null) {
      return null;
    }
    for (Route route : host.routes()) {
      if (route.matches(request)) {
        return route;
      }
    }
    return null;
  }

  private @Nullable VirtualHost virtualHost(String authority) {
    String host = (ignorePort ? withoutPort(authority) : authority).toLowerCase(Locale.ROOT);
    VirtualHost found = exact.get(host);
    if (found != null) {
      return found;
    }
    for (Wildcards wildcards : suffixes) {
      if (host.length() > wildcards.length()) {
        found = wildcards.byFixedPart().get(host.substring(host.length() - wildcards.length()));
        if (found != null) {
          return found;
        }
      }
    }
    for (Wildcards wildcards : prefixes) {
      if (host.length() > wildcards.length()) {
        found = wildcards.byFixedPart().get(host.substring(0, wildcards.length()));
        if (found != null) {
          return found;
        }
      }
    }
    return any;
  }

  private static String withoutPort(String authority) {
    int colon = authority.lastIndexOf(':');
    // "[::1]" has colons and no port.
    return colon < 0 || colon < authority.indexOf(']') ? authority : authority.substring(0, colon);
  }
}
