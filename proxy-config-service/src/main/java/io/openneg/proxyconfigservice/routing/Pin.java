package io.openneg.proxyconfigservice.routing;

import java.time.Instant;

/**
 * Proxies are held at a revision of the routing table, whatever came since.
 *
 * @param actor who said so
 * @param reason in his words; may be empty
 */
public record Pin(long revision, Instant since, String actor, String reason) {

  /** For people. */
  @Override
  public String toString() {
    return "proxies are pinned to revision %d by %s since %s%s"
        .formatted(revision, actor, since, reason.isEmpty() ? "" : " (" + reason + ")");
  }
}
