package io.openneg.edgeproxy.config;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * What a listener proves to clients who it is by. Its text never has the key.
 *
 * @param name of the Secret it came as
 * @param chain not empty; the first one is the server's own
 * @param key of the first of the chain
 */
public record ServerCertificate(String name, List<X509Certificate> chain, PrivateKey key) {

  private static final int DNS_NAME = 2;

  public ServerCertificate {
    chain = List.copyOf(chain);
  }

  /** Different for what has other certificates. */
  public String id() {
    return name + "#" + Integer.toHexString(chain.hashCode());
  }

  /**
   * Whether it is for a server of that name: one of its DNS names is the same, or has a {@code *}
   * as its first label and the rest is the same (RFC 6125). Without DNS names, the common name
   * counts.
   */
  public boolean covers(String serverName) {
    String wanted = serverName.toLowerCase(Locale.ROOT);
    int dot = wanted.indexOf('.');
    String wildcard = dot < 0 ? wanted : "*" + wanted.substring(dot);
    return names().stream()
        .map(each -> each.toLowerCase(Locale.ROOT))
        .anyMatch(each -> each.equals(wanted) || each.equals(wildcard));
  }

  private List<String> names() {
    X509Certificate own = chain.getFirst();
    try {
      Collection<List<?>> alternatives = own.getSubjectAlternativeNames();
      List<String> names =
          alternatives == null
              ? List.of()
              : alternatives.stream()
                  .filter(each -> Integer.valueOf(DNS_NAME).equals(each.getFirst()))
                  .map(each -> (String) each.get(1))
                  .toList();
      return names.isEmpty() ? commonName(own) : names;
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  private static List<String> commonName(X509Certificate certificate) {
    for (String part : certificate.getSubjectX500Principal().getName().split(",", -1)) {
      if (part.startsWith("CN=")) {
        return List.of(part.substring(3));
      }
    }
    return List.of();
  }

  @Override
  public String toString() {
    return "certificate " + id();
  }
}
