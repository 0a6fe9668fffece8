package io.openneg.proxyconfigservice.routing;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.health.v1.HealthChanged;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.proxyconfig.v1.KeyedCertificate;

/** What a row of the routing table is about, and the message its content is. */
public enum RowKind {
  NEG(NetworkEndpointGroup.parser()),
  /** With its named ports; its members are ENDPOINT rows, one for each port. */
  INSTANCE_GROUP(InstanceGroup.parser()),
  ENDPOINT(NetworkEndpoint.parser()),
  /** An endpoint that was detached and may finish what it has, until the time in the row. */
  DRAINING(Timestamp.parser()),
  /** The last verdict on a probe target; no row: no verdict. */
  HEALTH(HealthChanged.parser()),
  HEALTH_CHECK(HealthCheck.parser()),
  /** With its backends. */
  BACKEND_SERVICE(BackendService.parser()),
  URL_MAP(UrlMap.parser()),
  /** With its private key as soon as that has been fetched, sealed. */
  SSL_CERTIFICATE(KeyedCertificate.parser()),
  TARGET_HTTP_PROXY(TargetHttpProxy.parser()),
  TARGET_HTTPS_PROXY(TargetHttpsProxy.parser()),
  TARGET_TCP_PROXY(TargetTcpProxy.parser()),
  TARGET_SSL_PROXY(TargetSslProxy.parser()),
  FORWARDING_RULE(ForwardingRule.parser());

  private final Parser<? extends Message> parser;

  RowKind(Parser<? extends Message> parser) {
    this.parser = parser;
  }

  /**
   * @throws IllegalArgumentException when the bytes are no such content
   */
  public Message parse(byte[] content) {
    try {
      return parser.parseFrom(content);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not the content of a row of kind " + this, e);
    }
  }
}
