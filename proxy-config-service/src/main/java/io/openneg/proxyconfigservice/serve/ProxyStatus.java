package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Instant;
import java.util.List;

/**
 * A connected proxy and how far it is.
 *
 * @param types those it asked for
 */
public record ProxyStatus(
    String nodeId,
    String region,
    String zone,
    String userAgent,
    Instant connectedSince,
    List<Type> types) {

  /**
   * Versions are hashes; equal ones mean that everything sent was acknowledged.
   *
   * @param lastError of the last NACK, if the newest answer to it was one; else empty
   */
  public record Type(XdsType type, String versionSent, String versionAcked, String lastError) {}
}
