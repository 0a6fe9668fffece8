package io.openneg.edgeproxy.routing;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What of a request says to which endpoint it belongs. Immutable. */
public sealed interface HashPolicy {

  /** The client's address. */
  record SourceIp() implements HashPolicy {}

  /** A header field; a request without it has nothing to hash. */
  record Header(String name) implements HashPolicy {}

  /**
   * A cookie.
   *
   * @param ttl of the cookie that a client without one is given; zero: as long as its session;
   *     null: it is given none
   */
  record Cookie(String name, String path, @Nullable Duration ttl) implements HashPolicy {}
}
