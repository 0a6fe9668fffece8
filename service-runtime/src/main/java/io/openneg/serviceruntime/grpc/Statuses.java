package io.openneg.serviceruntime.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Violation;
import java.util.ArrayList;
import java.util.List;

/**
 * Refusals and passing faults as {@code google.rpc.Status} with details.
 *
 * <p>All of it travels in the trailers, of which clients accept 8 KiB by default: a status that is
 * larger reaches them as an unintelligible fault of the transport. So it is cut to fit.
 */
final class Statuses {
  static final String DOMAIN = "openneg.io";
  // The message stands in the trailers twice, the details as base64.
  private static final int MAX_MESSAGE = 1_000;
  private static final int MAX_VIOLATIONS = 3_000;

  private Statuses() {}

  static StatusRuntimeException of(Rejection rejection) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(rejection.kind()).getNumber())
            .setMessage(cut(rejection.message()))
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason(rejection.reason())
                        .setDomain(DOMAIN)
                        .build()));
    if (!rejection.violations().isEmpty()) {
      status.addDetails(
          rejection.kind() == Rejection.Kind.FAILED_PRECONDITION
              ? Any.pack(preconditions(rejection))
              : Any.pack(fields(rejection)));
    }
    if (rejection.kind() == Rejection.Kind.UNAVAILABLE) {
      status.addDetails(Any.pack(retry()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  static StatusRuntimeException unavailable(String message) {
    return of(new Rejection(Rejection.Kind.UNAVAILABLE, "STORE_UNAVAILABLE", message));
  }

  private static BadRequest fields(Rejection rejection) {
    BadRequest.Builder fields = BadRequest.newBuilder();
    fitting(rejection.violations())
        .forEach(
            v ->
                fields
                    .addFieldViolationsBuilder()
                    .setField(v.subject())
                    .setDescription(v.description()));
    return fields.build();
  }

  private static PreconditionFailure preconditions(Rejection rejection) {
    PreconditionFailure.Builder failure = PreconditionFailure.newBuilder();
    fitting(rejection.violations())
        .forEach(
            v ->
                failure
                    .addViolationsBuilder()
                    .setType(rejection.reason())
                    .setSubject(v.subject())
                    .setDescription(v.description()));
    return failure.build();
  }

  private static List<Violation> fitting(List<Violation> violations) {
    List<Violation> fitting = new ArrayList<>();
    int bytes = 0;
    for (Violation violation : violations) {
      // Type and lengths included, roughly.
      bytes += 40 + utf8(violation.subject()) + utf8(violation.description());
      if (bytes > MAX_VIOLATIONS) {
        int more = violations.size() - fitting.size();
        fitting.add(new Violation(more + " more", "are not listed here"));
        break;
      }
      fitting.add(violation);
    }
    return fitting;
  }

  private static int utf8(String text) {
    return text.getBytes(UTF_8).length;
  }

  /** Up to the length that a header can have; other characters than ASCII's take more of it. */
  private static String cut(String message) {
    int length = 0;
    for (int i = 0; i < message.length(); i++) {
      char c = message.charAt(i);
      length += c >= ' ' && c < 0x7f && c != '%' ? 1 : 9;
      if (length > MAX_MESSAGE) {
        int end = Character.isLowSurrogate(c) ? i - 1 : i;
        return message.substring(0, end) + "...";
      }
    }
    return message;
  }

  private static RetryInfo retry() {
    return RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(1)).build();
  }

  private static Code code(Rejection.Kind kind) {
    return switch (kind) {
      case INVALID_ARGUMENT -> Code.INVALID_ARGUMENT;
      case NOT_FOUND -> Code.NOT_FOUND;
      case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
      case FAILED_PRECONDITION -> Code.FAILED_PRECONDITION;
      case RESOURCE_EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Code.UNAVAILABLE;
    };
  }
}
