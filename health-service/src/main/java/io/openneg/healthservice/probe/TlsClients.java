package io.openneg.healthservice.probe;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.openneg.healthservice.target.Transport.Security;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** The client's side of TLS. Thread-safe. */
public final class TlsClients {
  /** A certificate that has changed is looked at within this time, however often it is resumed. */
  private static final int SESSION_SECONDS = 60;

  private final @Nullable Path authorities;
  private final Map<Kind, SslContext> contexts = new ConcurrentHashMap<>();

  private record Kind(boolean verified, boolean http2) {}

  /**
   * @param authorities file with the certificates, in PEM, of those whose word is taken where
   *     certificates are verified; null: those that Java trusts
   * @throws IllegalArgumentException when it is not such a file
   */
  public TlsClients(@Nullable Path authorities) {
    this.authorities = authorities;
    if (authorities != null) {
      if (!Files.isReadable(authorities)) {
        throw new IllegalArgumentException("cannot read the certificates in " + authorities);
      }
      // What is wrong with it is said at the start, and not by every probe.
      contexts.put(new Kind(true, false), context(new Kind(true, false)));
    }
  }

  /**
   * @param serverName asked for, and, where that is verified, what the certificate must be for; an
   *     IP address is not asked for
   */
  SslHandler handler(
      ByteBufAllocator allocator, Security security, boolean http2, String serverName, int port) {
    boolean verified = security == Security.VERIFIED_TLS;
    SslContext context = contexts.computeIfAbsent(new Kind(verified, http2), this::context);
    SslHandler handler = context.newHandler(allocator, serverName, port);
    SSLEngine engine = handler.engine();
    SSLParameters parameters = engine.getSSLParameters();
    // Netty's own default differs between its versions.
    parameters.setEndpointIdentificationAlgorithm(verified ? "HTTPS" : "");
    engine.setSSLParameters(parameters);
    // The probe's deadline covers the handshake.
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  private SslContext context(Kind kind) {
    SslContextBuilder builder =
        SslContextBuilder.forClient().sslProvider(SslProvider.JDK).sessionTimeout(SESSION_SECONDS);
    if (!kind.verified()) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
    } else if (authorities != null) {
      builder.trustManager(authorities.toFile());
    }
    if (kind.http2()) {
      builder
          .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  Protocol.ALPN,
                  SelectorFailureBehavior.NO_ADVERTISE,
                  SelectedListenerFailureBehavior.ACCEPT,
                  ApplicationProtocolNames.HTTP_2));
    }
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalArgumentException(
          "cannot set up TLS%s: %s"
              .formatted(
                  authorities == null ? "" : " with the certificates in " + authorities,
                  e.getMessage()),
          e);
    }
  }
}
