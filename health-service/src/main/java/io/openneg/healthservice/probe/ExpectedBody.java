package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import java.io.ByteArrayOutputStream;

/** The first 1,024 bytes of a body, and the text that must be in them (compute v1). */
final class ExpectedBody {
  static final int LIMIT = 1024;

  private final String expected;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);

  /**
   * @param expected empty: anything
   */
  ExpectedBody(String expected) {
    this.expected = expected;
  }

  /** Takes what is still of interest. */
  void read(ByteBuf bytes) {
    byte[] read = new byte[Math.min(bytes.readableBytes(), LIMIT - body.size())];
    bytes.readBytes(read);
    body.writeBytes(read);
  }

  boolean isFull() {
    return body.size() == LIMIT;
  }

  ProbeEnd judge() {
    if (expected.isEmpty()) {
      return ProbeEnd.success("HTTP status 200");
    }
    // Bytes as characters: a text of several bytes a character is found just so.
    String seen = body.toString(ISO_8859_1);
    return seen.contains(new String(expected.getBytes(UTF_8), ISO_8859_1))
        ? ProbeEnd.success("HTTP status 200")
        : ProbeEnd.failure(
            ProbeReason.RESPONSE_MISMATCH,
            "%s is not in the first %d bytes of the body, which begins with %s"
                .formatted(Quote.of(expected), LIMIT, Quote.of(seen)));
  }
}
