package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlainAnswerTest {
  private static final String PLAIN =
      "HTTP/1.1 200 OK\r\nServer: a/1.0 (b)\r\nContent-Length: 5\r\n\r\nready";

  private static PlainAnswer.Reading read(String bytes) {
    return PlainAnswer.read(Unpooled.copiedBuffer(bytes, ISO_8859_1));
  }

  private static PlainAnswer head(String bytes) {
    return ((PlainAnswer.Reading.Head) read(bytes)).answer();
  }

  @Test
  void readsAHead() {
    assertThat(head(PLAIN)).isEqualTo(new PlainAnswer(PLAIN.indexOf("ready"), 5, true));
    assertThat(head("HTTP/1.1 200\r\ncontent-length:0\r\nCONNECTION: Close \r\n\r\n"))
        .matches(answer -> answer.bodyLength() == 0 && !answer.keepsConnection());
  }

  @Test
  void anyBeginningOfItIsPartial() {
    for (int length = 0; length < PLAIN.indexOf("ready"); length++) {
      assertThat(read(PLAIN.substring(0, length)))
          .as("%d bytes", length)
          .isEqualTo(new PlainAnswer.Reading.Partial());
    }
  }

  @Test
  void surprisesAreForTheDecoder() {
    for (String surprise :
        new String[] {
          "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 204 No\r\n\r\n",
          "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
          "HTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n Folded: 6\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: upgrade\r\n\r\n",
        }) {
      assertThat(read(surprise)).as(surprise).isEqualTo(new PlainAnswer.Reading.Other());
    }
  }

  @Test
  void whatItReadsTheDecoderReadsTheSame() {
    Random random = new Random(20_261_124);
    int heads = 0;
    for (int round = 0; round < 200_000; round++) {
      String bytes = mutated(random);
      if (read(bytes) instanceof PlainAnswer.Reading.Head(PlainAnswer answer)) {
        heads++;
        HttpResponse decoded = decode(bytes);
        assertThat(decoded.decoderResult().isSuccess()).as(bytes).isTrue();
        assertThat(decoded.status().code()).as(bytes).isEqualTo(200);
        assertThat(HttpUtil.getContentLength(decoded)).as(bytes).isEqualTo(answer.bodyLength());
        assertThat(HttpUtil.isKeepAlive(decoded)).as(bytes).isEqualTo(answer.keepsConnection());
        assertThat(HttpUtil.isTransferEncodingChunked(decoded)).as(bytes).isFalse();
      }
    }
    assertThat(heads).as("answers that were plain").isGreaterThan(10_000);
  }

  /** A plain answer with a few bytes replaced, inserted or left out. */
  private static String mutated(Random random) {
    StringBuilder bytes =
        new StringBuilder(
            "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\nConnection: "
                + (random.nextBoolean() ? "close" : "keep-alive")
                + "\r\n\r\nready");
    String alphabet = "\r\n\t :-aA0159\u0000\u007f\u00e9";
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(bytes.length() - 5);
      char any = alphabet.charAt(random.nextInt(alphabet.length()));
      switch (random.nextInt(3)) {
        case 0 -> bytes.setCharAt(at, any);
        case 1 -> bytes.insert(at, any);
        default -> bytes.deleteCharAt(at);
      }
    }
    return bytes.toString();
  }

  private static HttpResponse decode(String bytes) {
    EmbeddedChannel channel = new EmbeddedChannel(new HttpResponseDecoder());
    channel.writeInbound(Unpooled.copiedBuffer(bytes, ISO_8859_1));
    HttpResponse response = channel.readInbound();
    channel.finishAndReleaseAll();
    assertThat(response).as(bytes).isNotNull();
    return response;
  }
}
