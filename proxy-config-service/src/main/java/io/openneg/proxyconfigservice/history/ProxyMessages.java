package io.openneg.proxyconfigservice.history;

import com.google.protobuf.util.Timestamps;
import io.openneg.proxyconfig.v1.Proxy;
import io.openneg.proxyconfig.v1.Refusal;
import io.openneg.proxyconfig.v1.TypeStatus;
import io.openneg.proxyconfigservice.serve.ProxyStatus;

/** Connected proxies as the API shows them. */
final class ProxyMessages {
  private ProxyMessages() {}

  /**
   * @param told the revision that proxies are told of; -1: none yet
   */
  static Proxy proxy(ProxyStatus status, long told) {
    var proxy =
        Proxy.newBuilder()
            .setNodeId(status.nodeId())
            .setRegion(status.region())
            .setZone(status.zone())
            .setUserAgent(status.userAgent())
            .setConnectedSince(Timestamps.fromMillis(status.connectedSince().toEpochMilli()))
            .addAllAwaited(status.awaited());
    if (status.settledRevision() >= 0) {
      proxy.setSettledRevision(status.settledRevision());
    }
    proxy.setRevisionsBehind(Math.max(0, told - Math.max(0, status.settledRevision())));
    if (status.behindSince() != null) {
      proxy.setBehindSince(Timestamps.fromMillis(status.behindSince().toEpochMilli()));
    }
    for (ProxyStatus.Refusal refusal : status.refusals()) {
      proxy.addRefusals(
          Refusal.newBuilder()
              .setType(refusal.type().shortName())
              .setRevision(refusal.revision())
              .setError(refusal.error()));
    }
    for (ProxyStatus.Type type : status.types()) {
      proxy.addTypes(
          TypeStatus.newBuilder()
              .setType(type.type().shortName())
              .setVersionSent(type.versionSent())
              .setVersionAcked(type.versionAcked())
              .setLastError(type.lastError()));
    }
    return proxy.build();
  }
}
