package io.openneg.serviceruntime.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandContext.RequestKey;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/** What a mutating request says about itself beside its content. */
public final class Requests {
  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private Requests() {}

  /**
   * The context of the command that a request asks for.
   *
   * @param requestId the request's own field; empty: none
   * @throws RejectedException INVALID_ARGUMENT when the id is not a UUID or is all zero (compute
   *     v1)
   */
  public static CommandContext context(Message request, String requestId) {
    Instant now = Instant.now();
    if (requestId.isEmpty()) {
      return new CommandContext(now, Actor.current(), null, null);
    }
    if (!UUID.matcher(requestId).matches()
        || requestId.equals("00000000-0000-0000-0000-000000000000")) {
      String rule = "must be a UUID other than zero";
      throw new RejectedException(
          new Rejection(
              Kind.INVALID_ARGUMENT,
              "INVALID_ARGUMENT",
              "Invalid value for field 'request_id': '%s'. It %s.".formatted(requestId, rule),
              List.of(new Violation("request_id", rule))));
    }
    return new CommandContext(
        now, Actor.current(), new RequestKey(requestId, digest(request)), null);
  }

  private static byte[] digest(Message request) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(request.getDescriptorForType().getFullName().getBytes(StandardCharsets.UTF_8));
      byte[] bytes = new byte[request.getSerializedSize()];
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      // Map entries have no order of their own.
      out.useDeterministicSerialization();
      request.writeTo(out);
      return sha256.digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
