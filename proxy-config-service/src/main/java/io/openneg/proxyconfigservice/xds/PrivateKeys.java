package io.openneg.proxyconfigservice.xds;

import io.openneg.proxyconfig.v1.KeyedCertificate;

/** Opens the private keys of certificates. Thread-safe. */
@FunctionalInterface
public interface PrivateKeys {

  /**
   * The private key in PEM.
   *
   * @param certificate with its sealed key
   * @throws RuntimeException when it cannot be opened; the message says why, and has nothing of it
   */
  String open(KeyedCertificate certificate);
}
