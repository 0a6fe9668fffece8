package io.openneg.healthservice.probe;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.ProbeRecipe;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One call of grpc.health.v1.Health/Check, answered by SERVING. Written down to the frames, because
 * a gRPC channel would reconnect, back off and time by rules of its own.
 */
final class GrpcHealthCall implements Http2Exchange {
  private static final String PATH = "/grpc.health.v1.Health/Check";
  private static final int FIRST_FINAL_STATUS = 200;
  private static final int PREFIX = 5;
  private static final int MAX_ANSWER = 1024;

  private final ProbeRecipe.Grpc recipe;
  private final ByteArrayOutputStream answer = new ByteArrayOutputStream(0);
  private boolean headed;

  GrpcHealthCall(ProbeRecipe.Grpc recipe) {
    this.recipe = recipe;
  }

  @Override
  public Http2Headers request(String host) {
    return new DefaultHttp2Headers()
        .method("POST")
        .scheme("http")
        .authority(host)
        .path(PATH)
        .set("content-type", "application/grpc")
        .set("te", "trailers")
        .set("user-agent", HttpConversation.USER_AGENT);
  }

  @Override
  public ByteBuf body() {
    byte[] request =
        HealthCheckRequest.newBuilder().setService(recipe.service()).build().toByteArray();
    return Unpooled.buffer(PREFIX + request.length)
        .writeByte(0)
        .writeInt(request.length)
        .writeBytes(request);
  }

  @Override
  public @Nullable ProbeEnd headers(Http2Headers headers, boolean last) {
    CharSequence status = headers.status();
    if (!headed && status != null) {
      int code = Integer.parseInt(status.toString());
      if (code < FIRST_FINAL_STATUS) {
        return null;
      }
      headed = true;
      if (!HttpStatus.passes(code)) {
        return HttpStatus.failure(code, null);
      }
      CharSequence type = headers.get("content-type");
      if (type == null || !type.toString().startsWith("application/grpc")) {
        return ProbeEnd.failure(
            ProbeReason.PROTOCOL_ERROR,
            "not an answer of gRPC: content-type " + Quote.of(String.valueOf(type)));
      }
    }
    return last ? judge(headers) : null;
  }

  @Override
  public @Nullable ProbeEnd data(ByteBuf bytes, boolean last) {
    if (answer.size() + bytes.readableBytes() > MAX_ANSWER) {
      return ProbeEnd.failure(
          ProbeReason.PROTOCOL_ERROR,
          "the answer is larger than %d bytes, no HealthCheckResponse is".formatted(MAX_ANSWER));
    }
    byte[] read = new byte[bytes.readableBytes()];
    bytes.readBytes(read);
    answer.writeBytes(read);
    return last
        ? ProbeEnd.failure(ProbeReason.PROTOCOL_ERROR, "the answer ended without a gRPC status")
        : null;
  }

  private ProbeEnd judge(Http2Headers trailers) {
    CharSequence code = trailers.get("grpc-status");
    if (code == null) {
      return ProbeEnd.failure(ProbeReason.PROTOCOL_ERROR, "the answer ended without a gRPC status");
    }
    if (!code.toString().equals("0")) {
      CharSequence message = trailers.get("grpc-message");
      return ProbeEnd.failure(
          ProbeReason.GRPC_STATUS,
          "gRPC status %s%s"
              .formatted(
                  name(code.toString()),
                  message == null ? "" : ": " + Quote.of(message.toString())));
    }
    byte[] framed = answer.toByteArray();
    if (framed.length < PREFIX || framed[0] != 0) {
      return ProbeEnd.failure(
          ProbeReason.PROTOCOL_ERROR, "the answer has no message that can be read");
    }
    try {
      ServingStatus status =
          HealthCheckResponse.parseFrom(ByteString.copyFrom(framed, PREFIX, framed.length - PREFIX))
              .getStatus();
      return status == ServingStatus.SERVING
          ? ProbeEnd.success("the server answers SERVING")
          : ProbeEnd.failure(ProbeReason.GRPC_STATUS, "the server answers " + status);
    } catch (InvalidProtocolBufferException e) {
      return ProbeEnd.failure(
          ProbeReason.PROTOCOL_ERROR, "the answer is no HealthCheckResponse: " + e.getMessage());
    }
  }

  private static String name(String code) {
    try {
      return code + " " + Status.fromCodeValue(Integer.parseInt(code)).getCode();
    } catch (NumberFormatException _) {
      return Quote.of(code);
    }
  }
}
