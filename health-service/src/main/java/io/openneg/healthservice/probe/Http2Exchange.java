package io.openneg.healthservice.probe;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/** One request in a stream of HTTP/2, and how its answer is judged. Not thread-safe. */
interface Http2Exchange {

  /**
   * @param host the endpoint's address
   */
  Http2Headers request(String host);

  /** The request's body; null: it has none. The receiver releases it. */
  default @Nullable ByteBuf body() {
    return null;
  }

  /**
   * The head or the trailers of the answer.
   *
   * @param last whether nothing follows
   * @return the verdict; null: more is to come
   */
  @Nullable ProbeEnd headers(Http2Headers headers, boolean last);

  /** A part of the answer's body, which stays the caller's; otherwise like {@link #headers}. */
  @Nullable ProbeEnd data(ByteBuf bytes, boolean last);
}
