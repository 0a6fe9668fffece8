package io.openneg.edgeproxy.config;

import java.util.List;

/**
 * That clients are spoken to over TLS, see {@code DownstreamTlsContext} of xDS.
 *
 * @param secrets names of the Secrets that have the certificates, not empty; the one that is for
 *     the name that a client asks for is shown, otherwise the first one
 * @param protocols what is agreed to in the handshake (ALPN), the preferred one first; none: it is
 *     not negotiated
 */
public record DownstreamTls(List<String> secrets, List<String> protocols) {

  public DownstreamTls {
    secrets = List.copyOf(secrets);
    protocols = List.copyOf(protocols);
  }
}
