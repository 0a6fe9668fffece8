package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.health.v1.HealthEvent;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What each event of the other services changes in the routing table. */
final class EventRows {
  static final String NEG_TOPIC = "neg.events.v1";
  static final String BACKEND_TOPIC = "backend.events.v1";
  static final String HEALTH_TOPIC = "health.events.v1";

  private EventRows() {}

  /**
   * @throws IllegalArgumentException when it is not an event of these topics
   */
  static void apply(RecordedEvent event, RoutingRows rows) {
    try {
      switch (event.topic()) {
        case NEG_TOPIC -> neg(event, NegEvent.parseFrom(event.payload()), rows);
        case BACKEND_TOPIC ->
            backend(event.stream(), BackendEvent.parseFrom(event.payload()), rows);
        case HEALTH_TOPIC -> health(event.stream(), HealthEvent.parseFrom(event.payload()), rows);
        default -> throw new IllegalArgumentException("no topic of ours: " + event.topic());
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not an event of " + event.topic(), e);
    }
  }

  private static void neg(RecordedEvent recorded, NegEvent event, RoutingRows rows) {
    String name = recorded.stream();
    switch (event.getEventCase()) {
      case NEG_CREATED ->
          rows.put(new RowKey(RowKind.NEG, name), event.getNegCreated().getNetworkEndpointGroup());
      case ENDPOINT_ATTACHED -> {
        NetworkEndpoint endpoint = event.getEndpointAttached().getNetworkEndpoint();
        var address = new EndpointAddress(endpoint.getIpAddress(), endpoint.getPort());
        rows.put(RowKey.endpoint(name, address), endpoint);
        Draining.over(name, address, rows);
      }
      case ENDPOINT_DETACHED -> {
        var endpoint = event.getEndpointDetached();
        var address = new EndpointAddress(endpoint.getIpAddress(), endpoint.getPort());
        rows.remove(RowKey.endpoint(name, address));
        Draining.begin(name, address, recorded.occurredAt(), rows);
      }
      case NEG_DELETED -> {
        rows.remove(new RowKey(RowKind.NEG, name));
        rows.removeAll(RowKind.ENDPOINT, RowKey.endpointPrefix(name));
      }
      case NEG_DELETION_STARTED, NEG_DELETION_REFUSED -> {
        // Traffic goes on until it is decided.
      }
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a NegEvent of no known kind");
    }
  }

  private static void backend(String name, BackendEvent event, RoutingRows rows) {
    switch (event.getEventCase()) {
      case HEALTH_CHECK_CREATED ->
          rows.put(
              new RowKey(RowKind.HEALTH_CHECK, name),
              event.getHealthCheckCreated().getHealthCheck());
      case HEALTH_CHECK_UPDATED ->
          rows.put(
              new RowKey(RowKind.HEALTH_CHECK, name),
              event.getHealthCheckUpdated().getHealthCheck());
      case HEALTH_CHECK_DELETED -> rows.remove(new RowKey(RowKind.HEALTH_CHECK, name));
      case BACKEND_SERVICE_CREATED ->
          rows.put(
              new RowKey(RowKind.BACKEND_SERVICE, name),
              event.getBackendServiceCreated().getBackendService());
      case BACKEND_ADDED -> {
        Backend added = event.getBackendAdded().getBackend();
        service(name, rows, service -> without(service, added).addBackends(added).build());
      }
      case BACKEND_UPDATED -> {
        Backend updated = event.getBackendUpdated().getBackend();
        service(name, rows, service -> without(service, updated).addBackends(updated).build());
      }
      case BACKEND_REMOVED -> {
        Backend removed =
            Backend.newBuilder().setGroup(event.getBackendRemoved().getGroup()).build();
        service(name, rows, service -> without(service, removed).build());
      }
      case BACKEND_SERVICE_DELETED -> {
        rows.remove(new RowKey(RowKind.BACKEND_SERVICE, name));
        rows.removeAll(RowKind.DRAINING, name + "|");
      }
      case URL_MAP_CREATED ->
          rows.put(new RowKey(RowKind.URL_MAP, name), event.getUrlMapCreated().getUrlMap());
      case URL_MAP_UPDATED ->
          rows.put(new RowKey(RowKind.URL_MAP, name), event.getUrlMapUpdated().getUrlMap());
      case URL_MAP_DELETED -> rows.remove(new RowKey(RowKind.URL_MAP, name));
      case TARGET_HTTP_PROXY_CREATED ->
          rows.put(
              new RowKey(RowKind.TARGET_HTTP_PROXY, name),
              event.getTargetHttpProxyCreated().getTargetHttpProxy());
      case URL_MAP_SET -> {
        RowKey key = new RowKey(RowKind.TARGET_HTTP_PROXY, name);
        TargetHttpProxy proxy = (TargetHttpProxy) existing(key, rows);
        rows.put(key, proxy.toBuilder().setUrlMap(event.getUrlMapSet().getUrlMap()).build());
      }
      case TARGET_HTTP_PROXY_DELETED -> rows.remove(new RowKey(RowKind.TARGET_HTTP_PROXY, name));
      case FORWARDING_RULE_CREATED ->
          rows.put(
              new RowKey(RowKind.FORWARDING_RULE, name),
              event.getForwardingRuleCreated().getForwardingRule());
      case TARGET_SET -> {
        RowKey key = new RowKey(RowKind.FORWARDING_RULE, name);
        ForwardingRule rule = (ForwardingRule) existing(key, rows);
        rows.put(key, rule.toBuilder().setTarget(event.getTargetSet().getTarget()).build());
      }
      case FORWARDING_RULE_DELETED -> rows.remove(new RowKey(RowKind.FORWARDING_RULE, name));
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a BackendEvent of no known kind");
    }
  }

  private static void health(String stream, HealthEvent event, RoutingRows rows) {
    RowKey key = new RowKey(RowKind.HEALTH, stream);
    switch (event.getEventCase()) {
      case HEALTH_CHANGED -> rows.put(key, event.getHealthChanged());
      case PROBING_STOPPED -> rows.remove(key);
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a HealthEvent of no known kind");
    }
  }

  private static void service(String name, RoutingRows rows, UnaryOperator<BackendService> change) {
    RowKey key = new RowKey(RowKind.BACKEND_SERVICE, name);
    rows.put(key, change.apply((BackendService) existing(key, rows)));
  }

  private static BackendService.Builder without(BackendService service, Backend backend) {
    BackendService.Builder rest = service.toBuilder().clearBackends();
    service.getBackendsList().stream()
        .filter(b -> !b.getGroup().equals(backend.getGroup()))
        .forEach(rest::addBackends);
    return rest;
  }

  private static Message existing(RowKey key, RoutingRows rows) {
    @Nullable Message content = rows.current(key);
    if (content == null) {
      throw new IllegalArgumentException("an event of " + key + ", which was never created");
    }
    return content;
  }
}
