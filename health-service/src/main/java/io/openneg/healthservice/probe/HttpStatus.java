package io.openneg.healthservice.probe;

import io.netty.handler.codec.http.HttpStatusClass;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import org.jspecify.annotations.Nullable;

/** What a status says, in any version of HTTP (compute v1: 200 passes, nothing else does). */
final class HttpStatus {
  private static final int OK = 200;

  private HttpStatus() {}

  static boolean passes(int status) {
    return status == OK;
  }

  /**
   * @param location of a redirection
   */
  static ProbeEnd failure(int status, @Nullable CharSequence location) {
    String where = "";
    if (location != null && HttpStatusClass.valueOf(status) == HttpStatusClass.REDIRECTION) {
      where = " to " + Quote.of(location.toString()) + ", which is not followed";
    }
    return ProbeEnd.failure(ProbeReason.HTTP_STATUS, "HTTP status %d%s".formatted(status, where));
  }
}
