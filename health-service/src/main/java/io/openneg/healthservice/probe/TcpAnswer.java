package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.ProbeRecipe;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An answer that must begin as a check expects. Takes as many bytes as it compares. */
final class TcpAnswer {
  private final byte[] expected;
  private final ByteArrayOutputStream answer = new ByteArrayOutputStream(0);

  TcpAnswer(ProbeRecipe.Tcp recipe) {
    this.expected = recipe.response().getBytes(UTF_8);
  }

  static byte[] request(ProbeRecipe.Tcp recipe) {
    return recipe.request().getBytes(UTF_8);
  }

  /** Without an expected answer, connecting and sending is enough. */
  static ProbeEnd connected(String peer) {
    return ProbeEnd.success("connected to " + peer);
  }

  boolean isExpected() {
    return expected.length > 0;
  }

  /** Takes what came; null: there must be more. */
  @Nullable ProbeEnd read(ByteBuf bytes) {
    byte[] read = new byte[Math.min(bytes.readableBytes(), expected.length - answer.size())];
    bytes.readBytes(read);
    answer.writeBytes(read);
    byte[] seen = answer.toByteArray();
    if (!Arrays.equals(seen, Arrays.copyOf(expected, seen.length))) {
      return mismatch("begins with " + Quote.of(new String(seen, ISO_8859_1)));
    }
    return seen.length == expected.length
        ? ProbeEnd.success("the answer begins as expected")
        : null;
  }

  ProbeEnd endedEarly() {
    return mismatch("ended after %d bytes".formatted(answer.size()));
  }

  private ProbeEnd mismatch(String but) {
    return ProbeEnd.failure(
        ProbeReason.RESPONSE_MISMATCH,
        "the answer must begin with %s, but %s"
            .formatted(Quote.of(new String(expected, UTF_8)), but));
  }
}
