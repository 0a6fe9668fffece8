package io.openneg.edgeproxy.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.openneg.edgeproxy.config.ClusterConfig.Protocol;
import java.util.List;

/** Reads the transport socket of a cluster: TLS or not, after a PROXY header or not. */
final class TransportReader {

  private static final String PATH = "transport_socket.typed_config";

  private TransportReader() {}

  /**
   * How the bytes of a connection get to an endpoint.
   *
   * @param proxyProtocol whether they begin with a PROXY header of version 1
   */
  record Transport(boolean proxyProtocol, boolean tls) {}

  static Transport read(Cluster cluster, Protocol protocol) {
    if (!cluster.hasTransportSocket()) {
      return new Transport(false, false);
    }
    Any socket = cluster.getTransportSocket().getTypedConfig();
    if (!socket.is(ProxyProtocolUpstreamTransport.class)) {
      return new Transport(false, tls(socket, protocol, PATH));
    }
    if (cluster.getTypedExtensionProtocolOptionsCount() > 0) {
      throw new InvalidField(
          PATH, "the PROXY protocol is for TCP only, not for a cluster with http protocol options");
    }
    ProxyProtocolUpstreamTransport proxy =
        Fields.unpack(socket, ProxyProtocolUpstreamTransport.class, PATH);
    if (proxy.getConfig().getVersion() != ProxyProtocolConfig.Version.V1) {
      throw new InvalidField(
          PATH + ".config.version", "must be V1, is " + proxy.getConfig().getVersion());
    }
    TransportSocket inner = proxy.getTransportSocket();
    return new Transport(
        true, tls(inner.getTypedConfig(), protocol, PATH + ".transport_socket.typed_config"));
  }

  private static boolean tls(Any socket, Protocol protocol, String path) {
    if (socket.is(RawBuffer.class)) {
      return false;
    }
    UpstreamTlsContext context = Fields.unpack(socket, UpstreamTlsContext.class, path);
    if (context.getCommonTlsContext().getTlsCertificateSdsSecretConfigsCount() > 0) {
      throw new InvalidField(
          path + ".common_tls_context.tls_certificate_sds_secret_configs",
          "not supported by this proxy");
    }
    // What is offered in the handshake follows from the protocol here.
    List<String> offered = protocol == Protocol.HTTP_2 ? List.of("h2") : List.of();
    if (!context.getCommonTlsContext().getAlpnProtocolsList().equals(offered)) {
      throw new InvalidField(
          path + ".common_tls_context.alpn_protocols",
          "must be %s with this http protocol".formatted(offered));
    }
    return true;
  }
}
