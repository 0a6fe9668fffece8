package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.route.v3.RouteAction.HashPolicy;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ConsistentHash.HttpCookie;
import java.util.Optional;

/** Session affinity → what a route hashes requests by; {@link ClusterPolicies} says how. */
final class SessionAffinities {
  /** As compute v1's load balancers name theirs. */
  private static final String GENERATED_COOKIE = "GCLB";

  private static final String ANY_PATH = "/";

  private SessionAffinities() {}

  /** Empty: requests of a client go anywhere. */
  static Optional<HashPolicy> hashPolicy(BackendService service) {
    HashPolicy.Builder policy = HashPolicy.newBuilder();
    return switch (service.getSessionAffinity()) {
      case CLIENT_IP ->
          Optional.of(
              policy
                  .setConnectionProperties(
                      HashPolicy.ConnectionProperties.newBuilder().setSourceIp(true))
                  .build());
      case GENERATED_COOKIE ->
          Optional.of(
              policy
                  .setCookie(
                      cookie(
                          GENERATED_COOKIE,
                          ANY_PATH,
                          Durations.fromSeconds(service.getAffinityCookieTtlSec())))
                  .build());
      case HEADER_FIELD ->
          Optional.of(
              policy
                  .setHeader(
                      HashPolicy.Header.newBuilder()
                          .setHeaderName(service.getConsistentHash().getHttpHeaderName()))
                  .build());
      case HTTP_COOKIE -> {
        HttpCookie cookie = service.getConsistentHash().getHttpCookie();
        String path = cookie.getPath().isEmpty() ? ANY_PATH : cookie.getPath();
        yield Optional.of(
            policy.setCookie(cookie(cookie.getName(), path, cookie.getTtl())).build());
      }
      case SESSION_AFFINITY_UNSPECIFIED,
          NONE,
          CLIENT_IP_PROTO,
          CLIENT_IP_PORT_PROTO,
          CLIENT_IP_NO_DESTINATION,
          STRONG_COOKIE_AFFINITY,
          UNRECOGNIZED ->
          Optional.empty();
    };
  }

  /** With a time to live, even 0, the proxy makes a cookie for who has none. */
  private static HashPolicy.Cookie cookie(String name, String path, Duration ttl) {
    return HashPolicy.Cookie.newBuilder().setName(name).setPath(path).setTtl(ttl).build();
  }
}
