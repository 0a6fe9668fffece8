package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connected proxy and how far it is.
 *
 * @param types those it asked for
 * @param settledRevision the newest revision of the routing table of which it has had all that it
 *     is to have, but for what it refused; -1: none yet
 * @param behindSince since when something of what it is to have has been missing; null: nothing is
 * @param awaited what keeps it from having all of the newest one, for people; empty: nothing
 * @param refusals what it refused and is not sent again
 */
public record ProxyStatus(
    String nodeId,
    String region,
    String zone,
    String userAgent,
    Instant connectedSince,
    List<Type> types,
    long settledRevision,
    @Nullable Instant behindSince,
    List<String> awaited,
    List<Refusal> refusals) {

  /**
   * Versions are hashes; equal ones mean that everything sent was acknowledged.
   *
   * @param lastError of the last NACK, if the newest answer to it was one; else empty
   */
  public record Type(XdsType type, String versionSent, String versionAcked, String lastError) {}

  /**
   * @param revision of the routing table that the refused resource comes from
   */
  public record Refusal(XdsType type, long revision, String error) {}

  /**
   * Why it does not have all that a revision says; empty: it has. What it refused before the
   * revision and is the same since has nothing to do with it.
   */
  public List<String> lagBehind(long revision) {
    List<String> reasons = new ArrayList<>();
    if (settledRevision < revision) {
      reasons.addAll(awaited.isEmpty() ? List.of("the revision has not been sent yet") : awaited);
    }
    for (Refusal refusal : refusals) {
      if (refusal.revision() >= revision) {
        reasons.add(refusal.type().shortName() + ": refused: " + refusal.error());
      }
    }
    return reasons;
  }
}
