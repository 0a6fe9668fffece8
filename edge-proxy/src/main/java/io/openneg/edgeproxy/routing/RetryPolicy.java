package io.openneg.edgeproxy.routing;

import java.util.Set;

/**
 * When a failed attempt is repeated on another endpoint. Only failures that leave the request
 * unsent (or provably unprocessed) are there, so every retry is safe whatever the method.
 *
 * @param conditions the failures that are retried
 * @param retries how often at most, 0 or more, besides the first attempt
 */
public record RetryPolicy(Set<Condition> conditions, int retries) {

  /** Retries nothing. */
  public static final RetryPolicy NONE = new RetryPolicy(Set.of(), 0);

  public RetryPolicy {
    conditions = Set.copyOf(conditions);
  }

  /** A kind of failure, by its name in {@code retry_on}. */
  public enum Condition {
    /** No connection could be made. */
    CONNECT_FAILURE("connect-failure"),
    /** The upstream refused the HTTP/2 stream: it promises not to have processed anything of it. */
    REFUSED_STREAM("refused-stream"),
    /** The connection was gone before the request's head was written. */
    RESET_BEFORE_REQUEST("reset-before-request");

    private final String xdsName;

    Condition(String xdsName) {
      this.xdsName = xdsName;
    }

    public String xdsName() {
      return xdsName;
    }
  }
}
