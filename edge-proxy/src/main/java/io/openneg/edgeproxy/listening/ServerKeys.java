package io.openneg.edgeproxy.listening;

import io.openneg.edgeproxy.config.ServerCertificate;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a listener as TLS asks for them: of those for the server name that a client
 * has asked for, otherwise of the first one, the one of a kind that the client understands. Others
 * can be put in its place at any time; handshakes that have begun go on with what they have chosen.
 * Thread-safe.
 */
public final class ServerKeys extends X509ExtendedKeyManager {

  private volatile Versions versions;

  /** What a handshake may have chosen from a moment ago is kept until the next change. */
  private record Versions(List<ServerCertificate> current, List<ServerCertificate> previous) {}

  /**
   * @param certificates not empty
   */
  public ServerKeys(List<ServerCertificate> certificates) {
    versions = new Versions(certificates, List.of());
  }

  /**
   * Takes others for handshakes that begin from now on.
   *
   * @param certificates not empty
   */
  public synchronized void use(List<ServerCertificate> certificates) {
    if (!certificates.equals(versions.current())) {
      versions = new Versions(certificates, versions.current());
    }
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    List<ServerCertificate> current = versions.current();
    List<ServerCertificate> candidates =
        current.stream()
            .filter(each -> serverNames(engine).stream().anyMatch(each::covers))
            .toList();
    if (candidates.isEmpty()) {
      candidates = List.of(current.getFirst());
    }
    return candidates.stream()
        .filter(each -> each.key().getAlgorithm().equals(keyType))
        .map(ServerCertificate::id)
        .findFirst()
        .orElse(null);
  }

  private static List<String> serverNames(SSLEngine engine) {
    return engine.getHandshakeSession() instanceof ExtendedSSLSession session
        ? session.getRequestedServerNames().stream().map(ServerKeys::text).toList()
        : List.of();
  }

  private static String text(SNIServerName name) {
    return name instanceof SNIHostName host ? host.getAsciiName() : "";
  }

  private @Nullable ServerCertificate find(String alias) {
    Versions now = versions;
    Predicate<ServerCertificate> chosen = each -> each.id().equals(alias);
    return now.current().stream()
        .filter(chosen)
        .findFirst()
        .or(() -> now.previous().stream().filter(chosen).findFirst())
        .orElse(null);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    ServerCertificate found = find(alias);
    return found == null ? null : found.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    ServerCertificate found = find(alias);
    return found == null ? null : found.key();
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return versions.current().stream().map(ServerCertificate::id).toArray(String[]::new);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
