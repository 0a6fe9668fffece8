package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteAction.RequestMirrorPolicy;
import io.envoyproxy.envoy.extensions.filters.common.fault.v3.FaultDelay;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.FaultAbort;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.FractionalPercent.DenominatorType;
import io.openneg.backend.v1.HttpFaultInjection;
import io.openneg.backend.v1.HttpRetryPolicy;
import io.openneg.backend.v1.HttpRouteAction;
import java.util.Map;
import java.util.TreeMap;

/** Retries, mirroring, faults and CORS of a route action → what a route says of them. */
final class RoutePolicies {
  private static final double MILLIONTHS_PER_PERCENT = 10_000;

  /** Only what never reached an endpoint is tried elsewhere, so no request is served twice. */
  private static final RetryPolicy RETRY_UNSERVED =
      RetryPolicy.newBuilder()
          .setRetryOn("connect-failure,refused-stream")
          .setNumRetries(UInt32Value.of(2))
          .build();

  private RoutePolicies() {}

  static RetryPolicy retry(HttpRouteAction action) {
    if (!action.hasRetryPolicy()) {
      return RETRY_UNSERVED;
    }
    HttpRetryPolicy policy = action.getRetryPolicy();
    RetryPolicy.Builder retry =
        RetryPolicy.newBuilder()
            .setRetryOn(String.join(",", policy.getRetryConditionsList()))
            .setNumRetries(UInt32Value.of(Math.max(1, policy.getNumRetries())));
    if (policy.hasPerTryTimeout()) {
      retry.setPerTryTimeout(policy.getPerTryTimeout());
    }
    return retry.build();
  }

  static RequestMirrorPolicy mirror(io.openneg.backend.v1.RequestMirrorPolicy policy) {
    double percent = policy.hasMirrorPercent() ? policy.getMirrorPercent() : 100;
    return RequestMirrorPolicy.newBuilder()
        .setCluster(policy.getBackendService())
        .setRuntimeFraction(
            RuntimeFractionalPercent.newBuilder().setDefaultValue(fraction(percent)))
        .build();
  }

  /** By the name of the HTTP filter that does it; {@link HttpFilters} has the filters. */
  static Map<String, Any> ofFilters(HttpRouteAction action) {
    Map<String, Any> policies = new TreeMap<>();
    if (HttpFilters.needsCors(action)) {
      policies.put(HttpFilters.CORS, Packed.any(cors(action.getCorsPolicy())));
    }
    if (HttpFilters.needsFault(action)) {
      policies.put(HttpFilters.FAULT, Packed.any(fault(action.getFaultInjectionPolicy())));
    }
    return policies;
  }

  private static CorsPolicy cors(io.openneg.backend.v1.CorsPolicy policy) {
    CorsPolicy.Builder cors =
        CorsPolicy.newBuilder()
            .setAllowMethods(String.join(",", policy.getAllowMethodsList()))
            .setAllowHeaders(String.join(",", policy.getAllowHeadersList()))
            .setExposeHeaders(String.join(",", policy.getExposeHeadersList()))
            .setAllowCredentials(BoolValue.of(policy.getAllowCredentials()));
    policy
        .getAllowOriginsList()
        .forEach(origin -> cors.addAllowOriginStringMatch(RouteMatches.exact(origin)));
    policy
        .getAllowOriginRegexesList()
        .forEach(regex -> cors.addAllowOriginStringMatch(RouteMatches.matching(regex)));
    if (policy.getMaxAge() > 0) {
      cors.setMaxAge(Integer.toString(policy.getMaxAge()));
    }
    return cors.build();
  }

  private static HTTPFault fault(HttpFaultInjection policy) {
    HTTPFault.Builder fault = HTTPFault.newBuilder();
    if (policy.hasDelay()) {
      fault.setDelay(
          FaultDelay.newBuilder()
              .setFixedDelay(policy.getDelay().getFixedDelay())
              .setPercentage(fraction(policy.getDelay().getPercentage())));
    }
    if (policy.hasAbort()) {
      fault.setAbort(
          FaultAbort.newBuilder()
              .setHttpStatus(policy.getAbort().getHttpStatus())
              .setPercentage(fraction(policy.getAbort().getPercentage())));
    }
    return fault.build();
  }

  private static FractionalPercent fraction(double percent) {
    return FractionalPercent.newBuilder()
        .setNumerator((int) Math.round(percent * MILLIONTHS_PER_PERCENT))
        .setDenominator(DenominatorType.MILLION)
        .build();
  }
}
