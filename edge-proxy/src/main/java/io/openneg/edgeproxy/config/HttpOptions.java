package io.openneg.edgeproxy.config;

import java.time.Duration;
import java.util.List;

/**
 * How a listener speaks HTTP, see {@code HttpConnectionManager} of xDS.
 *
 * @param serverHeader what becomes of the response's Server header
 * @param serverName value of the Server header where the proxy sets it
 * @param useRemoteAddress whether the client's address is the connection's, and gets appended to
 *     X-Forwarded-For; otherwise another proxy in front has done so
 * @param skipXffAppend leaves X-Forwarded-For alone all the same
 * @param generateRequestId whether a request without an X-Request-Id gets one
 * @param acceptHttp10 whether HTTP/1.0 is served; otherwise it is answered with 426
 * @param idleTimeout how long a connection without a request is kept; zero: for ever
 * @param streamIdleTimeout how long a request may make no progress; zero: for ever
 */
public record HttpOptions(
    ServerHeader serverHeader,
    String serverName,
    boolean useRemoteAddress,
    boolean skipXffAppend,
    boolean generateRequestId,
    boolean acceptHttp10,
    Duration idleTimeout,
    Duration streamIdleTimeout,
    LocalReplies localReplies,
    List<AccessLog> accessLogs) {
  public HttpOptions {
    accessLogs = List.copyOf(accessLogs);
  }

  /** Treatment of the Server header of a response from upstream. */
  public enum ServerHeader {
    OVERWRITE,
    APPEND_IF_ABSENT,
    PASS_THROUGH
  }
}
