package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryHostPredicate;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.openneg.edgeproxy.routing.RetryPolicy;
import io.openneg.edgeproxy.routing.RetryPolicy.Condition;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads a RetryPolicy. Previous hosts are always avoided, asked for or not. */
final class RetryReader {

  private RetryReader() {}

  static RetryPolicy read(io.envoyproxy.envoy.config.route.v3.RetryPolicy policy, String path) {
    Set<Condition> conditions = EnumSet.noneOf(Condition.class);
    for (String name : policy.getRetryOn().split(",", -1)) {
      if (!name.isBlank()) {
        conditions.add(condition(name.strip(), path + ".retry_on"));
      }
    }
    for (int i = 0; i < policy.getRetryHostPredicateCount(); i++) {
      RetryHostPredicate predicate = policy.getRetryHostPredicate(i);
      var _ =
          Fields.unpack(
              predicate.getTypedConfig(),
              PreviousHostsPredicate.class,
              path + ".retry_host_predicate[" + i + "].typed_config");
    }
    if (conditions.isEmpty()) {
      return RetryPolicy.NONE;
    }
    int retries = policy.hasNumRetries() ? policy.getNumRetries().getValue() : 1;
    if (retries < 0) {
      throw new InvalidField(path + ".num_retries", "is out of range");
    }
    return new RetryPolicy(conditions, retries);
  }

  private static Condition condition(String name, String path) {
    for (Condition condition : Condition.values()) {
      if (condition.xdsName().equals(name)) {
        return condition;
      }
    }
    throw new InvalidField(
        path,
        "\"%s\" is not supported by this proxy, only %s: what was sent is never sent again"
            .formatted(
                name,
                Arrays.stream(Condition.values())
                    .map(Condition::xdsName)
                    .collect(Collectors.joining(", "))));
  }
}
