package io.openneg.backendservice.backendservice;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendService.SessionAffinity;
import io.openneg.backend.v1.ConsistentHash;
import io.openneg.backend.v1.ConsistentHash.HttpCookie;
import io.openneg.backend.v1.LocalityLbPolicy;
import io.openneg.backendservice.resource.HeaderFields;
import io.openneg.serviceruntime.api.Violations;

/**
 * What keeps a client on its endpoint: an affinity says by what, and a hashing policy how; neither
 * does anything without the other (compute v1). Pure.
 */
final class SessionAffinityRules {
  private static final int MAX_TTL_SEC = 1_209_600;
  private static final long NANOS_PER_SEC = 1_000_000_000;
  private static final long DEFAULT_RING = 1024;

  /** The most that proxies take. */
  private static final long MAX_RING = 8_388_608;

  private static final String AFFINITY = "backend_service.session_affinity";
  private static final String POLICY = "backend_service.locality_lb_policy";
  private static final String HASH = "backend_service.consistent_hash";

  private SessionAffinityRules() {}

  /**
   * @param service with every default filled in
   */
  static void check(BackendService service, LoadBalancerType type, Violations faults) {
    boolean usable = affinity(service.getSessionAffinity(), type, faults);
    ttl(service, faults);
    if (!faults.check(
        service.getLocalityLbPolicy() != LocalityLbPolicy.UNRECOGNIZED,
        POLICY,
        "must be ROUND_ROBIN, LEAST_REQUEST, RING_HASH, MAGLEV or RANDOM")) {
      return;
    }
    boolean kept = isKept(service.getSessionAffinity());
    boolean hashes = hashes(service.getLocalityLbPolicy());
    if (usable) {
      faults.check(
          hashes || !kept,
          POLICY,
          "must be RING_HASH or MAGLEV with session_affinity %s, is %s"
              .formatted(service.getSessionAffinity(), service.getLocalityLbPolicy()));
      faults.check(
          kept || !hashes,
          POLICY,
          "must not be %s without a session_affinity: there is nothing to hash by"
              .formatted(service.getLocalityLbPolicy()));
    }
    if (service.hasConsistentHash()
        && faults.check(
            hashes, HASH, "must not be set without locality_lb_policy RING_HASH or MAGLEV")) {
      hash(service, faults);
    }
    required(service, faults);
  }

  private static boolean affinity(
      SessionAffinity affinity, LoadBalancerType type, Violations faults) {
    return switch (affinity) {
      case SESSION_AFFINITY_UNSPECIFIED, NONE -> true;
      case CLIENT_IP, GENERATED_COOKIE, HEADER_FIELD, HTTP_COOKIE ->
          faults.check(
              type.isHttp(),
              AFFINITY,
              "must be NONE: %s keeps no client on an endpoint".formatted(type.words()));
      case CLIENT_IP_PROTO, CLIENT_IP_PORT_PROTO, CLIENT_IP_NO_DESTINATION ->
          faults.check(
              false,
              AFFINITY,
              "must not be %s: it is of load balancing that passes packets through"
                  .formatted(affinity));
      case STRONG_COOKIE_AFFINITY ->
          faults.check(
              false,
              AFFINITY,
              "must not be STRONG_COOKIE_AFFINITY: proxies hash, and keep no list of sessions");
      case UNRECOGNIZED ->
          faults.check(
              false,
              AFFINITY,
              "must be NONE, CLIENT_IP, GENERATED_COOKIE, HEADER_FIELD or HTTP_COOKIE");
    };
  }

  private static void ttl(BackendService service, Violations faults) {
    String field = "backend_service.affinity_cookie_ttl_sec";
    if (faults.range(service.getAffinityCookieTtlSec(), 0, MAX_TTL_SEC, field)) {
      faults.check(
          service.getAffinityCookieTtlSec() == 0
              || service.getSessionAffinity() == SessionAffinity.GENERATED_COOKIE,
          field,
          "must not be set without session_affinity GENERATED_COOKIE");
    }
  }

  private static void hash(BackendService service, Violations faults) {
    ConsistentHash hash = service.getConsistentHash();
    SessionAffinity affinity = service.getSessionAffinity();
    if (!hash.getHttpHeaderName().isEmpty()) {
      String field = HASH + ".http_header_name";
      faults.check(
          affinity == SessionAffinity.HEADER_FIELD,
          field,
          "must not be set without session_affinity HEADER_FIELD");
      faults.check(
          HeaderFields.isToken(hash.getHttpHeaderName()), field, "must be the name of a header");
    }
    if (hash.hasHttpCookie()) {
      faults.check(
          affinity == SessionAffinity.HTTP_COOKIE,
          HASH + ".http_cookie",
          "must not be set without session_affinity HTTP_COOKIE");
      cookie(hash.getHttpCookie(), faults);
    }
    if (hash.hasMinimumRingSize()) {
      String field = HASH + ".minimum_ring_size";
      faults.range(hash.getMinimumRingSize(), 1, MAX_RING, field);
      faults.check(
          service.getLocalityLbPolicy() == LocalityLbPolicy.RING_HASH,
          field,
          "must not be set without locality_lb_policy RING_HASH");
    }
  }

  private static void cookie(HttpCookie cookie, Violations faults) {
    // RFC 6265, 4.1.1: a cookie's name is a token, too.
    faults.check(
        HeaderFields.isToken(cookie.getName()),
        HASH + ".http_cookie.name",
        "must be the name of a cookie");
    String path = cookie.getPath();
    faults.check(
        path.isEmpty()
            || (path.startsWith("/")
                && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ';')),
        HASH + ".http_cookie.path",
        "must begin with '/', and be without spaces and ';'");
    Duration ttl = cookie.getTtl();
    faults.check(
        Durations.isValid(ttl)
            && !Durations.isNegative(ttl)
            && Durations.compare(ttl, Durations.fromSeconds(MAX_TTL_SEC)) <= 0
            && Durations.toNanos(ttl) % NANOS_PER_SEC == 0,
        HASH + ".http_cookie.ttl",
        "must be whole seconds, 0..%d s".formatted(MAX_TTL_SEC));
  }

  private static void required(BackendService service, Violations faults) {
    ConsistentHash hash = service.getConsistentHash();
    faults.check(
        service.getSessionAffinity() != SessionAffinity.HEADER_FIELD
            || !hash.getHttpHeaderName().isEmpty(),
        HASH + ".http_header_name",
        "must be given with session_affinity HEADER_FIELD");
    faults.check(
        service.getSessionAffinity() != SessionAffinity.HTTP_COOKIE || hash.hasHttpCookie(),
        HASH + ".http_cookie",
        "must be given with session_affinity HTTP_COOKIE");
  }

  private static boolean isKept(SessionAffinity affinity) {
    return affinity != SessionAffinity.NONE
        && affinity != SessionAffinity.SESSION_AFFINITY_UNSPECIFIED;
  }

  private static boolean hashes(LocalityLbPolicy policy) {
    return policy == LocalityLbPolicy.RING_HASH || policy == LocalityLbPolicy.MAGLEV;
  }

  static void complete(BackendService.Builder service) {
    if (service.getSessionAffinity() == SessionAffinity.SESSION_AFFINITY_UNSPECIFIED) {
      service.setSessionAffinity(SessionAffinity.NONE);
    }
    if (service.getLocalityLbPolicy() == LocalityLbPolicy.LOCALITY_LB_POLICY_UNSPECIFIED) {
      service.setLocalityLbPolicy(
          isKept(service.getSessionAffinity())
              ? LocalityLbPolicy.RING_HASH
              : LocalityLbPolicy.ROUND_ROBIN);
    }
    if (service.getLocalityLbPolicy() == LocalityLbPolicy.RING_HASH
        && !service.getConsistentHash().hasMinimumRingSize()) {
      service.getConsistentHashBuilder().setMinimumRingSize(DEFAULT_RING);
    }
  }
}
