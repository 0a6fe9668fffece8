package io.openneg.proxyconfigservice.xds;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig;
import io.openneg.backend.v1.Protocol;

/**
 * What a proxy speaks to the endpoints of a service. Proxies speak HTTP/1.1 or plain bytes, as the
 * listener asks, unless they are told otherwise.
 *
 * @param http2 in any case, without asking the endpoint
 * @param tls without verifying the endpoint's certificate, as the load balancers of the seed do
 * @param proxyHeader ahead of all else a line says who the client is (PROXY protocol, version 1)
 */
record UpstreamProtocols(boolean http2, boolean tls, boolean proxyHeader) {
  private static final String HTTP_PROTOCOL_OPTIONS =
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  private static final String TLS_SOCKET = "envoy.transport_sockets.tls";
  private static final TransportSocket PLAIN_SOCKET =
      TransportSocket.newBuilder()
          .setName("envoy.transport_sockets.raw_buffer")
          .setTypedConfig(Packed.any(RawBuffer.getDefaultInstance()))
          .build();

  static UpstreamProtocols of(Protocol protocol) {
    return switch (protocol) {
      case PROTOCOL_UNSPECIFIED, HTTP, TCP, UDP, UNRECOGNIZED ->
          new UpstreamProtocols(false, false, false);
      case GRPC, H2C -> new UpstreamProtocols(true, false, false);
      case HTTPS, SSL -> new UpstreamProtocols(false, true, false);
      case HTTP2 -> new UpstreamProtocols(true, true, false);
    };
  }

  UpstreamProtocols tellingOfClients() {
    return new UpstreamProtocols(http2, tls, true);
  }

  void applyTo(Cluster.Builder cluster) {
    if (http2) {
      cluster.putTypedExtensionProtocolOptions(
          HTTP_PROTOCOL_OPTIONS,
          Packed.any(
              HttpProtocolOptions.newBuilder()
                  .setExplicitHttpConfig(
                      ExplicitHttpConfig.newBuilder()
                          .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
                  .build()));
    }
    if (tls) {
      CommonTlsContext.Builder context = CommonTlsContext.newBuilder();
      if (http2) {
        // Endpoints that speak both would take HTTP/1.1 without it.
        context.addAlpnProtocols("h2");
      }
      cluster.setTransportSocket(
          TransportSocket.newBuilder()
              .setName(TLS_SOCKET)
              .setTypedConfig(
                  Packed.any(
                      UpstreamTlsContext.newBuilder().setCommonTlsContext(context).build())));
    }
    if (proxyHeader) {
      TransportSocket inner = tls ? cluster.getTransportSocket() : PLAIN_SOCKET;
      cluster.setTransportSocket(
          TransportSocket.newBuilder()
              .setName("envoy.transport_sockets.upstream_proxy_protocol")
              .setTypedConfig(
                  Packed.any(
                      ProxyProtocolUpstreamTransport.newBuilder()
                          .setConfig(
                              ProxyProtocolConfig.newBuilder()
                                  .setVersion(ProxyProtocolConfig.Version.V1))
                          .setTransportSocket(inner)
                          .build())));
    }
  }
}
