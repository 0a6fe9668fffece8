package io.openneg.serviceruntime.grpc;

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
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Refusals and passing faults as {@code google.rpc.Status} with details.
 *
 * <p>A status travels in the trailer, for which clients have room for 8 KiB unless told otherwise.
 * A larger one reaches nobody: the call ends as INTERNAL. So as many violations are named as fit,
 * and {@code violations_left_out} in the metadata of {@code ErrorInfo} says how many are not.
 */
final class Statuses {
  static final String DOMAIN = "openneg.io";
  static final String LEFT_OUT = "violations_left_out";

  /** Bytes of the message in the header {@code grpc-message}, percent-encoded. */
  private static final int MAX_MESSAGE = 1_500;

  /** Bytes of the violations; they travel in Base64, together with the message once more. */
  private static final int MAX_VIOLATIONS = 2_800;

  private Statuses() {}

  static StatusRuntimeException of(Rejection rejection) {
    List<Violation> violations = fitting(rejection);
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setReason(rejection.reason()).setDomain(DOMAIN);
    int leftOut = rejection.violations().size() - violations.size();
    if (leftOut > 0) {
      info.putMetadata(LEFT_OUT, Integer.toString(leftOut));
    }
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(rejection.kind()).getNumber())
            .setMessage(fitting(rejection.message()))
            .addDetails(Any.pack(info.build()));
    if (!violations.isEmpty()) {
      status.addDetails(
          rejection.kind() == Rejection.Kind.FAILED_PRECONDITION
              ? Any.pack(preconditions(rejection.reason(), violations))
              : Any.pack(fields(violations)));
    }
    if (rejection.kind() == Rejection.Kind.UNAVAILABLE) {
      status.addDetails(Any.pack(retry()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  private static List<Violation> fitting(Rejection rejection) {
    int framing = 12 + rejection.reason().length();
    int bytes = 0;
    int count = 0;
    for (Violation violation : rejection.violations()) {
      bytes += framing + utf8(violation.subject()) + utf8(violation.description());
      if (bytes > MAX_VIOLATIONS) {
        break;
      }
      count++;
    }
    return rejection.violations().subList(0, count);
  }

  /** A message may quote what a client sent. */
  private static String fitting(String message) {
    int bytes = 0;
    for (int i = 0; i < message.length(); i = message.offsetByCodePoints(i, 1)) {
      int character = message.codePointAt(i);
      boolean plain = character >= ' ' && character < 0x7f && character != '%';
      bytes += plain ? 1 : 3 * utf8(Character.toString(character));
      if (bytes > MAX_MESSAGE) {
        return message.substring(0, i);
      }
    }
    return message;
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  static StatusRuntimeException unavailable(String message) {
    return of(new Rejection(Rejection.Kind.UNAVAILABLE, "STORE_UNAVAILABLE", message));
  }

  private static BadRequest fields(List<Violation> violations) {
    BadRequest.Builder fields = BadRequest.newBuilder();
    violations.forEach(
        v ->
            fields
                .addFieldViolationsBuilder()
                .setField(v.subject())
                .setDescription(v.description()));
    return fields.build();
  }

  private static PreconditionFailure preconditions(String reason, List<Violation> violations) {
    PreconditionFailure.Builder failure = PreconditionFailure.newBuilder();
    violations.forEach(
        v ->
            failure
                .addViolationsBuilder()
                .setType(reason)
                .setSubject(v.subject())
                .setDescription(v.description()));
    return failure.build();
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
