package io.openneg.edgeproxy.tcp;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.openneg.edgeproxy.config.DownstreamTls;
import io.openneg.edgeproxy.config.ServerCertificate;
import io.openneg.edgeproxy.listening.ServerKeys;
import java.util.List;
import javax.net.ssl.SSLException;

/** TLS with clients whose connections are forwarded. Thread-safe. */
final class ServerTls {

  private final DownstreamTls config;
  private final ServerKeys keys;
  private final SslContext context;

  ServerTls(DownstreamTls config, List<ServerCertificate> certificates) {
    this.config = config;
    this.keys = new ServerKeys(certificates);
    SslContextBuilder builder = SslContextBuilder.forServer(keys);
    if (!config.protocols().isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              config.protocols()));
    }
    try {
      this.context = builder.build();
    } catch (SSLException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  /** The same with other certificates, or another one when more than these has changed. */
  ServerTls with(DownstreamTls next, List<ServerCertificate> certificates) {
    if (!next.protocols().equals(config.protocols())) {
      return new ServerTls(next, certificates);
    }
    keys.use(certificates);
    return this;
  }

  SslHandler handler(Channel channel) {
    return context.newHandler(channel.alloc());
  }
}
