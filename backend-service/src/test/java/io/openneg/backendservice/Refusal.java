package io.openneg.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A refusal as a client of the real channel sees it. */
record Refusal(Code code, Status status) {

  static Refusal of(ThrowingCallable call) {
    StatusRuntimeException e = Assertions.catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(e).as("refused").isNotNull();
    return of(e);
  }

  static Refusal of(StatusRuntimeException e) {
    return new Refusal(
        e.getStatus().getCode(), Objects.requireNonNull(StatusProto.fromThrowable(e)));
  }

  String reason() {
    return detail(ErrorInfo.class).getReason();
  }

  Refusal is(Code expected, String reason) {
    assertThat(code).as(status.toString()).isEqualTo(expected);
    ErrorInfo info = detail(ErrorInfo.class);
    assertThat(info.getReason()).isEqualTo(reason);
    assertThat(info.getDomain()).isEqualTo("openneg.io");
    return this;
  }

  Refusal saying(String part) {
    assertThat(status.getMessage()).contains(part);
    return this;
  }

  /** The fields of its BadRequest. */
  List<String> fields() {
    return detail(BadRequest.class).getFieldViolationsList().stream()
        .map(BadRequest.FieldViolation::getField)
        .toList();
  }

  /** The subjects of its PreconditionFailure. */
  List<String> subjects() {
    return detail(PreconditionFailure.class).getViolationsList().stream()
        .map(PreconditionFailure.Violation::getSubject)
        .toList();
  }

  private <M extends Message> M detail(Class<M> type) {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(type)) {
        try {
          return detail.unpack(type);
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
    throw new AssertionError("no " + type.getSimpleName() + " in " + status);
  }
}
