package io.openneg.healthservice.target;

/**
 * What comes before the protocol on a connection.
 *
 * @param proxyHeader whether version 1 of the PROXY protocol is sent ahead of all else
 */
public record Transport(Security security, boolean proxyHeader) {
  /** A bare connection. */
  public static final Transport PLAIN = new Transport(Security.NONE, false);

  /** Who must prove what. */
  public enum Security {
    NONE,
    /** Encrypted; any certificate is good enough (compute v1). */
    TLS,
    /** Encrypted; the certificate must be of a trusted authority and for the endpoint. */
    VERIFIED_TLS
  }

  public boolean isEncrypted() {
    return security != Security.NONE;
  }
}
