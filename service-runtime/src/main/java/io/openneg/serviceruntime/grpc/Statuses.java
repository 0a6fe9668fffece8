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

/** Refusals and passing faults as {@code google.rpc.Status} with details. */
final class Statuses {
  static final String DOMAIN = "openneg.io";

  private Statuses() {}

  static StatusRuntimeException of(Rejection rejection) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(rejection.kind()).getNumber())
            .setMessage(rejection.message())
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
    rejection
        .violations()
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
    rejection
        .violations()
        .forEach(
            v ->
                failure
                    .addViolationsBuilder()
                    .setType(rejection.reason())
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
