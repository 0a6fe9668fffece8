package io.openneg.backendservice.backendservice;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.openneg.backend.v1.OutlierDetection;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;

/** When endpoints that fail are left out (compute v1). Pure. */
final class OutlierDetectionRules {
  private static final String AT = "backend_service.outlier_detection";
  private static final Duration SHORTEST = Durations.fromMillis(1);
  private static final Duration LONGEST = Durations.fromHours(1);
  private static final Duration BASE_EJECTION_TIME = Durations.fromSeconds(30);
  private static final Duration INTERVAL = Durations.fromSeconds(1);

  /** Limits and default of a number. */
  private record Limits(String field, int min, int max, int otherwise) {}

  private static final List<Limits> NUMBERS =
      List.of(
          new Limits("consecutive_errors", 1, 1_000, 5),
          new Limits("consecutive_gateway_failure", 1, 1_000, 3),
          new Limits("enforcing_consecutive_errors", 0, 100, 0),
          new Limits("enforcing_consecutive_gateway_failure", 0, 100, 100),
          new Limits("enforcing_success_rate", 0, 100, 100),
          new Limits("max_ejection_percent", 0, 100, 50),
          new Limits("success_rate_minimum_hosts", 1, 10_000, 5),
          new Limits("success_rate_request_volume", 1, 1_000_000, 100),
          new Limits("success_rate_stdev_factor", 1, 10_000, 1_900));

  private OutlierDetectionRules() {}

  static void check(OutlierDetection detection, LoadBalancerType type, Violations faults) {
    if (!faults.check(
        type.isHttp(),
        AT,
        "must not be set: %s sees no answers to judge by".formatted(type.words()))) {
      return;
    }
    time(
        detection.hasBaseEjectionTime(),
        detection.getBaseEjectionTime(),
        "base_ejection_time",
        faults);
    time(detection.hasInterval(), detection.getInterval(), "interval", faults);
    for (Limits number : NUMBERS) {
      FieldDescriptor field = field(number);
      if (detection.hasField(field)) {
        faults.range(
            (Integer) detection.getField(field),
            number.min(),
            number.max(),
            AT + "." + number.field());
      }
    }
  }

  private static void time(boolean set, Duration time, String field, Violations faults) {
    faults.check(
        !set
            || (Durations.isValid(time)
                && Durations.compare(time, SHORTEST) >= 0
                && Durations.compare(time, LONGEST) <= 0),
        AT + "." + field,
        "must be 1 ms..1 h");
  }

  /** With every default filled in. */
  static OutlierDetection complete(OutlierDetection wanted) {
    OutlierDetection.Builder detection = wanted.toBuilder();
    if (!wanted.hasBaseEjectionTime()) {
      detection.setBaseEjectionTime(BASE_EJECTION_TIME);
    }
    if (!wanted.hasInterval()) {
      detection.setInterval(INTERVAL);
    }
    for (Limits number : NUMBERS) {
      if (!wanted.hasField(field(number))) {
        detection.setField(field(number), number.otherwise());
      }
    }
    return detection.build();
  }

  private static FieldDescriptor field(Limits number) {
    return OutlierDetection.getDescriptor().findFieldByName(number.field());
  }
}
