package io.openneg.backendservice.urlmap;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.openneg.backend.v1.CorsPolicy;
import io.openneg.backend.v1.HttpFaultInjection;
import io.openneg.backend.v1.HttpRetryPolicy;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.RequestMirrorPolicy;
import io.openneg.serviceruntime.api.Violations;
import java.util.Set;

/** Time-out, retries, mirroring, faults and CORS of a route action (compute v1). Pure. */
final class RoutePolicyRules {
  private static final Set<String> RETRY_CONDITIONS =
      Set.of(
          "5xx",
          "gateway-error",
          "connect-failure",
          "retriable-4xx",
          "refused-stream",
          "cancelled",
          "deadline-exceeded",
          "internal",
          "resource-exhausted",
          "unavailable");
  private static final int MAX_AGE_SEC = 86_400;
  private static final long MAX_DURATION_SEC = Integer.MAX_VALUE;

  private RoutePolicyRules() {}

  static void check(HttpRouteAction action, String at, Violations faults) {
    if (action.hasTimeout()) {
      duration(action.getTimeout(), at + ".timeout", faults);
    }
    if (action.hasRetryPolicy()) {
      retry(action, at + ".retry_policy", faults);
    }
    if (action.hasRequestMirrorPolicy()) {
      RequestMirrorPolicy mirror = action.getRequestMirrorPolicy();
      String field = at + ".request_mirror_policy";
      ActionRules.given(mirror.getBackendService(), field + ".backend_service", faults);
      percentage(mirror.getMirrorPercent(), field + ".mirror_percent", faults);
    }
    if (action.hasFaultInjectionPolicy()) {
      fault(action.getFaultInjectionPolicy(), at + ".fault_injection_policy", faults);
    }
    if (action.hasCorsPolicy()) {
      cors(action.getCorsPolicy(), at + ".cors_policy", faults);
    }
  }

  private static void retry(HttpRouteAction action, String at, Violations faults) {
    HttpRetryPolicy policy = action.getRetryPolicy();
    faults.check(
        policy.getRetryConditionsCount() > 0, at + ".retry_conditions", "must have at least one");
    for (int i = 0; i < policy.getRetryConditionsCount(); i++) {
      faults.check(
          RETRY_CONDITIONS.contains(policy.getRetryConditions(i)),
          "%s.retry_conditions[%d]".formatted(at, i),
          "must be one of " + String.join(", ", RETRY_CONDITIONS.stream().sorted().toList()));
    }
    faults.check(policy.getNumRetries() >= 0, at + ".num_retries", "must be at most 2147483647");
    if (policy.hasPerTryTimeout()
        && duration(policy.getPerTryTimeout(), at + ".per_try_timeout", faults)) {
      faults.check(
          !action.hasTimeout()
              || Durations.compare(policy.getPerTryTimeout(), action.getTimeout()) <= 0,
          at + ".per_try_timeout",
          "must not be more than the timeout");
    }
  }

  private static void fault(HttpFaultInjection policy, String at, Violations faults) {
    faults.check(policy.hasDelay() || policy.hasAbort(), at, "must have delay or abort");
    if (policy.hasDelay()) {
      duration(policy.getDelay().getFixedDelay(), at + ".delay.fixed_delay", faults);
      percentage(policy.getDelay().getPercentage(), at + ".delay.percentage", faults);
    }
    if (policy.hasAbort()) {
      faults.range(
          Integer.toUnsignedLong(policy.getAbort().getHttpStatus()),
          200,
          599,
          at + ".abort.http_status");
      percentage(policy.getAbort().getPercentage(), at + ".abort.percentage", faults);
    }
  }

  private static void cors(CorsPolicy policy, String at, Violations faults) {
    faults.check(
        policy.getDisabled()
            || policy.getAllowOriginsCount() + policy.getAllowOriginRegexesCount() > 0,
        at + ".allow_origins",
        "must have at least one unless there are allow_origin_regexes");
    for (int i = 0; i < policy.getAllowOriginsCount(); i++) {
      faults.check(
          policy.getAllowOrigins(i).chars().allMatch(c -> c > ' ' && c < 0x7f)
              && !policy.getAllowOrigins(i).isEmpty(),
          "%s.allow_origins[%d]".formatted(at, i),
          "must be an origin such as https://example.com, or '*'");
    }
    for (int i = 0; i < policy.getAllowOriginRegexesCount(); i++) {
      RouteRuleRules.regex(
          policy.getAllowOriginRegexes(i), "%s.allow_origin_regexes[%d]".formatted(at, i), faults);
    }
    HeaderActionRules.tokens(policy.getAllowMethodsList(), at + ".allow_methods", faults);
    HeaderActionRules.tokens(policy.getAllowHeadersList(), at + ".allow_headers", faults);
    HeaderActionRules.tokens(policy.getExposeHeadersList(), at + ".expose_headers", faults);
    faults.range(policy.getMaxAge(), 0, MAX_AGE_SEC, at + ".max_age");
  }

  private static boolean duration(Duration duration, String field, Violations faults) {
    return faults.check(
        Durations.isValid(duration)
            && Durations.isPositive(duration)
            && duration.getSeconds() <= MAX_DURATION_SEC,
        field,
        "must be more than 0 and at most %d s".formatted(MAX_DURATION_SEC));
  }

  private static void percentage(double value, String field, Violations faults) {
    faults.check(value >= 0 && value <= 100, field, "must be 0..100, is %s".formatted(value));
  }
}
