package io.openneg.backendservice.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.eventlog.EventCodec;

/** The published {@code BackendEvent} is the event itself; its bytes are what is kept and told. */
public final class BackendEventCodec implements EventCodec<BackendEvent> {

  @Override
  public String type(BackendEvent event) {
    return "openneg.backend.v1."
        + switch (event.getEventCase()) {
          case HEALTH_CHECK_CREATED -> "HealthCheckCreated";
          case HEALTH_CHECK_UPDATED -> "HealthCheckUpdated";
          case HEALTH_CHECK_DELETED -> "HealthCheckDeleted";
          case BACKEND_SERVICE_CREATED -> "BackendServiceCreated";
          case BACKEND_SERVICE_UPDATED -> "BackendServiceUpdated";
          case BACKEND_ADDED -> "BackendAdded";
          case BACKEND_UPDATED -> "BackendUpdated";
          case BACKEND_REMOVED -> "BackendRemoved";
          case BACKEND_SERVICE_DELETED -> "BackendServiceDeleted";
          case URL_MAP_CREATED -> "UrlMapCreated";
          case URL_MAP_UPDATED -> "UrlMapUpdated";
          case URL_MAP_DELETED -> "UrlMapDeleted";
          case TARGET_HTTP_PROXY_CREATED -> "TargetHttpProxyCreated";
          case URL_MAP_SET -> "UrlMapSet";
          case TARGET_HTTP_PROXY_DELETED -> "TargetHttpProxyDeleted";
          case FORWARDING_RULE_CREATED -> "ForwardingRuleCreated";
          case TARGET_SET -> "TargetSet";
          case FORWARDING_RULE_DELETED -> "ForwardingRuleDeleted";
          case SSL_CERTIFICATE_CREATED -> "SslCertificateCreated";
          case SSL_CERTIFICATE_DELETED -> "SslCertificateDeleted";
          case TARGET_HTTP_PROXY_UPDATED -> "TargetHttpProxyUpdated";
          case TARGET_HTTPS_PROXY_CREATED -> "TargetHttpsProxyCreated";
          case TARGET_HTTPS_PROXY_UPDATED -> "TargetHttpsProxyUpdated";
          case TARGET_HTTPS_PROXY_DELETED -> "TargetHttpsProxyDeleted";
          case TARGET_TCP_PROXY_CREATED -> "TargetTcpProxyCreated";
          case TARGET_TCP_PROXY_UPDATED -> "TargetTcpProxyUpdated";
          case TARGET_TCP_PROXY_DELETED -> "TargetTcpProxyDeleted";
          case TARGET_SSL_PROXY_CREATED -> "TargetSslProxyCreated";
          case TARGET_SSL_PROXY_UPDATED -> "TargetSslProxyUpdated";
          case TARGET_SSL_PROXY_DELETED -> "TargetSslProxyDeleted";
          case ADDRESS_CREATED -> "AddressCreated";
          case ADDRESS_DELETED -> "AddressDeleted";
          case EVENT_NOT_SET -> throw new IllegalArgumentException("a BackendEvent without event");
        };
  }

  @Override
  public byte[] encode(BackendEvent event) {
    return event.toByteArray();
  }

  @Override
  public BackendEvent decode(byte[] payload) {
    try {
      return BackendEvent.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a BackendEvent", e);
    }
  }
}
