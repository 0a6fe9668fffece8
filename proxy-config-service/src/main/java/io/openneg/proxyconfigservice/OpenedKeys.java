package io.openneg.proxyconfigservice;

import io.openneg.backend.v1.SslCertificate;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import io.openneg.proxyconfigservice.xds.PrivateKeys;
import io.openneg.serviceruntime.secrets.SealedSecrets;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Opens private keys with the key that backend-service has sealed them with.
 *
 * @param secrets empty: no key is configured
 */
record OpenedKeys(Optional<SealedSecrets> secrets) implements PrivateKeys {

  @Override
  public String open(KeyedCertificate keyed) {
    SslCertificate certificate = keyed.getCertificate();
    SealedSecrets opener =
        secrets.orElseThrow(
            () ->
                new IllegalStateException(
                    "OPENNEG_SECRETS_KEY_FILE is not set: private keys cannot be opened"));
    // As backend-service seals them: for this very certificate.
    String owner = certificate.getName() + "@" + Long.toUnsignedString(certificate.getId());
    return new String(
        opener.open(keyed.getSealedKey().toByteArray(), owner), StandardCharsets.US_ASCII);
  }
}
