package io.openneg.serviceruntime.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A status that does not fit into the trailer would reach nobody. */
class StatusSizeTest {
  /** Of 8,192, less what grpc and HTTP/2 add. */
  private static final int ROOM = 7_900;

  @Test
  void fewViolationsAreAllNamed() throws InvalidProtocolBufferException {
    Status status = sent(rejection(Kind.INVALID_ARGUMENT, 20, "m"));
    assertThat(status.getDetails(1).unpack(BadRequest.class).getFieldViolationsCount())
        .isEqualTo(20);
    assertThat(info(status).getMetadataMap()).isEmpty();
  }

  @Test
  void ofTooManyViolationsTheFirstAreNamedAndTheRestIsCounted()
      throws InvalidProtocolBufferException {
    Status invalid = sent(rejection(Kind.INVALID_ARGUMENT, 10_000, "m"));
    int fields = invalid.getDetails(1).unpack(BadRequest.class).getFieldViolationsCount();
    assertThat(fields).isGreaterThan(20);
    assertThat(info(invalid).getMetadataMap())
        .containsEntry("violations_left_out", Integer.toString(10_000 - fields));
    Status inTheWay = sent(rejection(Kind.FAILED_PRECONDITION, 10_000, "m"));
    int subjects = inTheWay.getDetails(1).unpack(PreconditionFailure.class).getViolationsCount();
    assertThat(info(inTheWay).getMetadataMap())
        .containsEntry("violations_left_out", Integer.toString(10_000 - subjects));
  }

  @Test
  void aMessageThatQuotesTooMuchIsCut() {
    for (String character : List.of("x", "%", "é", "✓", "🚀")) {
      String message = character.repeat(5_000);
      Status status = sent(rejection(Kind.INVALID_ARGUMENT, 10_000, message));
      assertThat(message).startsWith(status.getMessage());
      assertThat(status.getMessage()).hasSizeGreaterThan(50);
    }
  }

  private static Status sent(Rejection rejection) {
    StatusRuntimeException thrown = Statuses.of(rejection);
    Status status = Objects.requireNonNull(StatusProto.fromThrowable(thrown));
    int message = URLEncoder.encode(status.getMessage(), StandardCharsets.UTF_8).length();
    assertThat(message + status.getSerializedSize() * 4 / 3).isLessThan(ROOM);
    return status;
  }

  private static ErrorInfo info(Status status) throws InvalidProtocolBufferException {
    return status.getDetails(0).unpack(ErrorInfo.class);
  }

  private static Rejection rejection(Kind kind, int violations, String message) {
    return new Rejection(
        kind,
        "ENDPOINT_ALREADY_ATTACHED",
        message,
        IntStream.range(0, violations)
            .mapToObj(i -> new Violation("network_endpoints[" + i + "].port", "must be 1..65535"))
            .toList());
  }
}
