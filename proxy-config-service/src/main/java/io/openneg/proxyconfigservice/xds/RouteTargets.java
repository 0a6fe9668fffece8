package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction.RedirectResponseCode;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.HashPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.HttpRedirectAction;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.UrlRewrite;
import io.openneg.backend.v1.WeightedBackendService;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a request → Route. Remembers which clusters its routes point to; not thread-safe.
 *
 * <p>A route to a backend service that is not there stays: dropping it would send its requests to
 * whichever rule comes next, which nobody asked for.
 */
final class RouteTargets {
  private static final Duration DEFAULT_TIMEOUT = Durations.fromSeconds(30);

  /** Proxies refuse more. */
  private static final long MAX_TOTAL_WEIGHT = 0xFFFF_FFFFL;

  private static final HeaderChanges NO_CHANGES =
      new HeaderChanges(List.of(), List.of(), List.of(), List.of());

  private final Map<String, BackendService> services;
  private final Set<String> clusters = new TreeSet<>();
  private final SequencedSet<String> dropped;

  /**
   * @param dropped where to tell of services that are missing
   */
  RouteTargets(Map<String, BackendService> services, SequencedSet<String> dropped) {
    this.services = services;
    this.dropped = dropped;
  }

  /** Names of the clusters of all routes so far. */
  Set<String> clusters() {
    return clusters;
  }

  /** A route to a service or to weighted services. */
  Route.Builder forward(RouteMatch match, String service, HttpRouteAction action) {
    RouteAction.Builder route = RouteAction.newBuilder();
    List<String> names =
        action.getWeightedBackendServicesCount() == 0
            ? List.of(service)
            : action.getWeightedBackendServicesList().stream()
                .map(WeightedBackendService::getBackendService)
                .toList();
    if (names.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("names no backend service");
    }
    names.forEach(this::use);
    if (action.getWeightedBackendServicesCount() == 0) {
      route.setCluster(service);
    } else {
      route.setWeightedClusters(weighted(action.getWeightedBackendServicesList()));
    }
    rewrite(action.getUrlRewrite(), route);
    if (action.hasTimeout() && !isTime(action.getTimeout())) {
      throw new IllegalArgumentException("its timeout is none");
    }
    route.setTimeout(action.hasTimeout() ? action.getTimeout() : longestTimeout(names));
    route.setRetryPolicy(RoutePolicies.retry(action));
    if (action.hasRequestMirrorPolicy()) {
      use(action.getRequestMirrorPolicy().getBackendService());
      route.addRequestMirrorPolicies(RoutePolicies.mirror(action.getRequestMirrorPolicy()));
    }
    hashPolicy(names).ifPresent(route::addHashPolicy);
    HeaderChanges headers =
        action.getWeightedBackendServicesCount() == 0 ? ofService(service) : NO_CHANGES;
    return Route.newBuilder()
        .setMatch(match)
        .setRoute(route)
        .addAllRequestHeadersToAdd(headers.requestToAdd())
        .addAllResponseHeadersToAdd(headers.responseToAdd())
        .putAllTypedPerFilterConfig(RoutePolicies.ofFilters(action));
  }

  /** The headers that a backend service sets itself, before any URL map changes them. */
  private HeaderChanges ofService(String name) {
    @Nullable BackendService service = services.get(name);
    return service == null ? NO_CHANGES : HeaderChanges.of(service, dropped::add);
  }

  /** A route hashes in one way, whichever of its services a request goes to. */
  private Optional<HashPolicy> hashPolicy(List<String> names) {
    List<HashPolicy> wanted =
        names.stream()
            .map(services::get)
            .filter(Objects::nonNull)
            .map(SessionAffinities::hashPolicy)
            .flatMap(Optional::stream)
            .distinct()
            .toList();
    if (wanted.size() > 1) {
      dropped.add(
          "weighted backend services %s keep clients in different ways; the first one's counts"
              .formatted(String.join(", ", names)));
    }
    return wanted.stream().findFirst();
  }

  private static boolean isTime(Duration time) {
    return Durations.isValid(time) && !Durations.isNegative(time);
  }

  static Route.Builder redirect(RouteMatch match, HttpRedirectAction action) {
    RedirectAction.Builder redirect =
        RedirectAction.newBuilder()
            .setHostRedirect(action.getHostRedirect())
            .setResponseCode(responseCode(action.getRedirectResponseCode()))
            .setStripQuery(action.getStripQuery());
    if (action.getHttpsRedirect()) {
      redirect.setHttpsRedirect(true);
    }
    if (!action.getPathRedirect().isEmpty()) {
      redirect.setPathRedirect(action.getPathRedirect());
    } else if (!action.getPrefixRedirect().isEmpty()) {
      redirect.setPrefixRewrite(action.getPrefixRedirect());
    }
    return Route.newBuilder().setMatch(match).setRedirect(redirect);
  }

  private static RedirectResponseCode responseCode(HttpRedirectAction.RedirectResponseCode code) {
    return switch (code) {
      case MOVED_PERMANENTLY_DEFAULT -> RedirectResponseCode.MOVED_PERMANENTLY;
      case FOUND -> RedirectResponseCode.FOUND;
      case SEE_OTHER -> RedirectResponseCode.SEE_OTHER;
      case TEMPORARY_REDIRECT -> RedirectResponseCode.TEMPORARY_REDIRECT;
      case PERMANENT_REDIRECT -> RedirectResponseCode.PERMANENT_REDIRECT;
      case UNRECOGNIZED -> throw new IllegalArgumentException("redirects with an unknown code");
    };
  }

  private WeightedCluster weighted(List<WeightedBackendService> services) {
    long total = services.stream().mapToLong(one -> Integer.toUnsignedLong(one.getWeight())).sum();
    if (total == 0 || total > MAX_TOTAL_WEIGHT) {
      throw new IllegalArgumentException(
          "weights must be 1 to %d together, are %d".formatted(MAX_TOTAL_WEIGHT, total));
    }
    WeightedCluster.Builder weighted = WeightedCluster.newBuilder();
    for (WeightedBackendService service : services) {
      HeaderChanges headers = HeaderChanges.of(service.getHeaderAction(), dropped::add);
      HeaderChanges own = ofService(service.getBackendService());
      weighted.addClusters(
          WeightedCluster.ClusterWeight.newBuilder()
              .setName(service.getBackendService())
              .setWeight(UInt32Value.of(service.getWeight()))
              .addAllRequestHeadersToAdd(own.requestToAdd())
              .addAllRequestHeadersToAdd(headers.requestToAdd())
              .addAllRequestHeadersToRemove(headers.requestToRemove())
              .addAllResponseHeadersToAdd(own.responseToAdd())
              .addAllResponseHeadersToAdd(headers.responseToAdd())
              .addAllResponseHeadersToRemove(headers.responseToRemove()));
    }
    return weighted.build();
  }

  private static void rewrite(UrlRewrite rewrite, RouteAction.Builder route) {
    route.setPrefixRewrite(rewrite.getPathPrefixRewrite());
    if (!rewrite.getHostRewrite().isEmpty()) {
      route.setHostRewriteLiteral(rewrite.getHostRewrite());
    }
    if (!rewrite.getPathTemplateRewrite().isEmpty()) {
      route.setPathRewritePolicy(
          TypedExtensionConfig.newBuilder()
              .setName("envoy.path.rewrite.uri_template.uri_template_rewriter")
              .setTypedConfig(
                  Packed.any(
                      UriTemplateRewriteConfig.newBuilder()
                          .setPathTemplateRewrite(rewrite.getPathTemplateRewrite())
                          .build())));
    }
  }

  private void use(String name) {
    clusters.add(name);
    if (!services.containsKey(name)) {
      dropped.add("backend service '%s' is not there (yet); its routes answer 503".formatted(name));
    }
  }

  private Duration longestTimeout(List<String> names) {
    return names.stream().map(this::timeout).max(Durations.comparator()).orElse(DEFAULT_TIMEOUT);
  }

  private Duration timeout(String name) {
    @Nullable BackendService service = services.get(name);
    return service != null && service.hasTimeoutSec()
        ? Durations.fromSeconds(service.getTimeoutSec())
        : DEFAULT_TIMEOUT;
  }
}
