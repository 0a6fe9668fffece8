package io.openneg.backendservice.backendservice;

import static io.openneg.backend.v1.BalancingMode.CONNECTION;
import static io.openneg.backend.v1.BalancingMode.RATE;
import static io.openneg.backend.v1.BalancingMode.UTILIZATION;
import static io.openneg.backend.v1.LoadBalancingScheme.EXTERNAL;
import static io.openneg.backend.v1.LoadBalancingScheme.EXTERNAL_MANAGED;
import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL;
import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL_MANAGED;
import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL_SELF_MANAGED;
import static io.openneg.backend.v1.Protocol.GRPC;
import static io.openneg.backend.v1.Protocol.H2C;
import static io.openneg.backend.v1.Protocol.HTTP;
import static io.openneg.backend.v1.Protocol.HTTP2;
import static io.openneg.backend.v1.Protocol.HTTPS;
import static io.openneg.backend.v1.Protocol.SSL;
import static io.openneg.backend.v1.Protocol.TCP;
import static io.openneg.backend.v1.Protocol.UDP;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A kind of load balancer that a backend service can belong to, by its scheme and protocol, and how
 * groups take part in it (seed; the pairs of scheme and protocol: compute v1). Pure.
 *
 * @param words as the documentation calls it
 * @param negMode the only balancing mode groups have in it; empty: it passes packets through, so
 *     groups of address and port cannot be backends
 */
record LoadBalancerType(
    String words,
    Set<LoadBalancingScheme> schemes,
    Set<Protocol> protocols,
    Optional<BalancingMode> negMode) {

  /** No two have a pair of scheme and protocol in common. */
  private static final List<LoadBalancerType> ALL =
      List.of(
          new LoadBalancerType(
              "HTTP(S) load balancing",
              Set.of(EXTERNAL, EXTERNAL_MANAGED),
              Set.of(HTTP, HTTPS, HTTP2, H2C, GRPC),
              Optional.of(RATE)),
          new LoadBalancerType(
              "internal HTTP(S) load balancing",
              Set.of(INTERNAL_MANAGED, INTERNAL_SELF_MANAGED),
              Set.of(HTTP, HTTPS, HTTP2, H2C, GRPC),
              Optional.of(RATE)),
          new LoadBalancerType(
              "TCP proxy load balancing",
              Set.of(EXTERNAL, EXTERNAL_MANAGED, INTERNAL_MANAGED, INTERNAL_SELF_MANAGED),
              Set.of(TCP),
              Optional.of(CONNECTION)),
          new LoadBalancerType(
              "SSL proxy load balancing",
              Set.of(EXTERNAL, EXTERNAL_MANAGED),
              Set.of(SSL),
              Optional.of(CONNECTION)),
          new LoadBalancerType(
              "internal TCP/UDP load balancing",
              Set.of(INTERNAL),
              Set.of(TCP, UDP),
              Optional.empty()),
          new LoadBalancerType(
              "network load balancing", Set.of(EXTERNAL), Set.of(UDP), Optional.empty()));

  /** Empty when the scheme does not go with the protocol. Defaults must have been filled in. */
  static Optional<LoadBalancerType> of(BackendService service) {
    return ALL.stream()
        .filter(
            type ->
                type.schemes.contains(service.getLoadBalancingScheme())
                    && type.protocols.contains(service.getProtocol()))
        .findFirst();
  }

  /** The modes instance groups have in it, the default first (compute v1). */
  List<BalancingMode> instanceGroupModes() {
    return negMode.map(mode -> List.of(UTILIZATION, mode)).orElse(List.of(CONNECTION));
  }

  /** The default mode of a backend. */
  Optional<BalancingMode> defaultMode(boolean instanceGroup) {
    return instanceGroup ? Optional.of(instanceGroupModes().getFirst()) : negMode;
  }

  /** Whether its proxies see requests and answers. */
  boolean isHttp() {
    return negMode.equals(Optional.of(RATE));
  }

  /** The protocols that go with a scheme, in order of their numbers. */
  static Set<Protocol> protocols(LoadBalancingScheme scheme) {
    return ALL.stream()
        .filter(type -> type.schemes.contains(scheme))
        .flatMap(type -> type.protocols.stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
