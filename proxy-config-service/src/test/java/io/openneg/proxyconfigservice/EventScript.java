package io.openneg.proxyconfigservice;

import com.google.protobuf.Message;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendAdded;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendRemoved;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendServiceCreated;
import io.openneg.backend.v1.BackendServiceDeleted;
import io.openneg.backend.v1.BackendServiceUpdated;
import io.openneg.backend.v1.ConnectionDraining;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.ForwardingRuleCreated;
import io.openneg.backend.v1.ForwardingRuleDeleted;
import io.openneg.backend.v1.HealthCheckCreated;
import io.openneg.backend.v1.Protocol;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backend.v1.SslCertificateCreated;
import io.openneg.backend.v1.SslCertificateDeleted;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpProxyCreated;
import io.openneg.backend.v1.TargetSet;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapCreated;
import io.openneg.backend.v1.UrlMapSet;
import io.openneg.backend.v1.UrlMapUpdated;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.health.v1.HealthEvent;
import io.openneg.health.v1.HealthState;
import io.openneg.health.v1.ProbingStopped;
import io.openneg.neg.v1.EndpointAttached;
import io.openneg.neg.v1.EndpointDetached;
import io.openneg.neg.v1.EndpointUpdated;
import io.openneg.neg.v1.InstanceGroupDeleted;
import io.openneg.neg.v1.NegCreated;
import io.openneg.neg.v1.NegDeleted;
import io.openneg.neg.v1.NegDeletionStarted;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the other services do, as events in the order in which it happens. */
public final class EventScript {
  public static final String ACTOR = "alice";

  private final List<RecordedEvent> events = new ArrayList<>();
  private final Map<String, Long> versions = new HashMap<>();
  private Instant now;

  public EventScript(Instant now) {
    this.now = now;
  }

  public List<RecordedEvent> events() {
    return List.copyOf(events);
  }

  /** Of the last event of a stream. */
  public long version(String stream) {
    return versions.getOrDefault(stream, 0L);
  }

  public EventScript at(Instant time) {
    now = time;
    return this;
  }

  /** One command's events on one stream. */
  private EventScript append(String topic, String stream, List<? extends Message> payloads) {
    long before = versions.getOrDefault(stream, 0L);
    long end = before + payloads.size();
    for (Message payload : payloads) {
      before++;
      events.add(
          new RecordedEvent(
              topic,
              stream,
              before,
              end,
              payload.getDescriptorForType().getFullName(),
              payload.toByteArray(),
              now,
              ACTOR,
              null,
              null));
    }
    versions.put(stream, end);
    return this;
  }

  private EventScript neg(String name, NegEvent.Builder... payloads) {
    return append(
        "neg.events.v1", name, Arrays.stream(payloads).map(NegEvent.Builder::build).toList());
  }

  private EventScript backend(String name, BackendEvent.Builder... payloads) {
    return append(
        "backend.events.v1",
        name,
        Arrays.stream(payloads).map(BackendEvent.Builder::build).toList());
  }

  public EventScript createCertificate(String name, long id) {
    return backend(
        name,
        BackendEvent.newBuilder()
            .setSslCertificateCreated(
                SslCertificateCreated.newBuilder()
                    .setSslCertificate(SslCertificate.newBuilder().setName(name).setId(id))));
  }

  public EventScript deleteCertificate(String name) {
    return backend(
        name,
        BackendEvent.newBuilder()
            .setSslCertificateDeleted(SslCertificateDeleted.getDefaultInstance()));
  }

  public EventScript createNeg(String name) {
    return neg(
        name,
        NegEvent.newBuilder()
            .setNegCreated(NegCreated.newBuilder().setNetworkEndpointGroup(Fixtures.group(name))));
  }

  public EventScript startDeletion(String neg) {
    return neg(
        neg, NegEvent.newBuilder().setNegDeletionStarted(NegDeletionStarted.getDefaultInstance()));
  }

  public EventScript deleteNeg(String name) {
    return neg(name, NegEvent.newBuilder().setNegDeleted(NegDeleted.getDefaultInstance()));
  }

  /**
   * @param ports name, port, name, port …
   */
  public EventScript createInstanceGroup(String name, Object... ports) {
    NegEvent.Builder event = NegEvent.newBuilder();
    event.getInstanceGroupCreatedBuilder().setInstanceGroup(Fixtures.instances(name, ports));
    return neg(name, event);
  }

  /** As {@link #createInstanceGroup}. */
  public EventScript namePorts(String instanceGroup, Object... ports) {
    NegEvent.Builder event = NegEvent.newBuilder();
    event
        .getNamedPortsSetBuilder()
        .addAllNamedPorts(Fixtures.instances("", ports).getNamedPortsList());
    return neg(instanceGroup, event);
  }

  public EventScript deleteInstanceGroup(String name) {
    return neg(
        name,
        NegEvent.newBuilder().setInstanceGroupDeleted(InstanceGroupDeleted.getDefaultInstance()));
  }

  public EventScript attach(String neg, EndpointAddress... addresses) {
    return neg(
        neg,
        Arrays.stream(addresses)
            .map(
                address ->
                    NegEvent.newBuilder()
                        .setEndpointAttached(
                            EndpointAttached.newBuilder()
                                .setNetworkEndpoint(Fixtures.endpoint(address))))
            .toArray(NegEvent.Builder[]::new));
  }

  public EventScript update(String neg, NetworkEndpoint endpoint) {
    return neg(
        neg,
        NegEvent.newBuilder()
            .setEndpointUpdated(EndpointUpdated.newBuilder().setNetworkEndpoint(endpoint)));
  }

  public EventScript detach(String neg, EndpointAddress... addresses) {
    return neg(
        neg,
        Arrays.stream(addresses)
            .map(
                address ->
                    NegEvent.newBuilder()
                        .setEndpointDetached(
                            EndpointDetached.newBuilder()
                                .setIpAddress(address.ip())
                                .setPort(address.port())))
            .toArray(NegEvent.Builder[]::new));
  }

  public EventScript createCheck(String name) {
    return backend(
        name,
        BackendEvent.newBuilder()
            .setHealthCheckCreated(
                HealthCheckCreated.newBuilder().setHealthCheck(Fixtures.healthCheck(name))));
  }

  public EventScript createService(
      String name, int drainingSec, List<String> checks, String... negs) {
    List<BackendEvent.Builder> payloads = new ArrayList<>();
    payloads.add(
        BackendEvent.newBuilder()
            .setBackendServiceCreated(
                BackendServiceCreated.newBuilder()
                    .setBackendService(
                        BackendService.newBuilder()
                            .setName(name)
                            .setProtocol(Protocol.HTTP)
                            .setTimeoutSec(30)
                            .addAllHealthChecks(checks)
                            .setConnectionDraining(
                                ConnectionDraining.newBuilder()
                                    .setDrainingTimeoutSec(drainingSec)))));
    for (String neg : negs) {
      payloads.add(added(Fixtures.backend(neg)));
    }
    return backend(name, payloads.toArray(BackendEvent.Builder[]::new));
  }

  /** Other settings, and whatever backends there are. */
  public EventScript updateService(String name, int drainingSec, int timeoutSec) {
    return backend(
        name,
        BackendEvent.newBuilder()
            .setBackendServiceUpdated(
                BackendServiceUpdated.newBuilder()
                    .setBackendService(
                        BackendService.newBuilder()
                            .setName(name)
                            .setProtocol(Protocol.HTTP)
                            .setTimeoutSec(timeoutSec)
                            .setConnectionDraining(
                                ConnectionDraining.newBuilder()
                                    .setDrainingTimeoutSec(drainingSec)))));
  }

  private static BackendEvent.Builder added(Backend backend) {
    return BackendEvent.newBuilder().setBackendAdded(BackendAdded.newBuilder().setBackend(backend));
  }

  public EventScript addBackend(String service, String neg) {
    return backend(service, added(Fixtures.backend(neg)));
  }

  public EventScript removeBackend(String service, String neg) {
    return backend(
        service,
        BackendEvent.newBuilder().setBackendRemoved(BackendRemoved.newBuilder().setGroup(neg)));
  }

  public EventScript deleteService(String name) {
    return backend(
        name,
        BackendEvent.newBuilder()
            .setBackendServiceDeleted(BackendServiceDeleted.getDefaultInstance()));
  }

  public EventScript createMap(UrlMap map) {
    return backend(
        map.getName(),
        BackendEvent.newBuilder().setUrlMapCreated(UrlMapCreated.newBuilder().setUrlMap(map)));
  }

  public EventScript updateMap(UrlMap map) {
    return backend(
        map.getName(),
        BackendEvent.newBuilder().setUrlMapUpdated(UrlMapUpdated.newBuilder().setUrlMap(map)));
  }

  public EventScript createProxy(TargetHttpProxy proxy) {
    return backend(
        proxy.getName(),
        BackendEvent.newBuilder()
            .setTargetHttpProxyCreated(
                TargetHttpProxyCreated.newBuilder().setTargetHttpProxy(proxy)));
  }

  public EventScript setUrlMap(String proxy, String map) {
    return backend(
        proxy, BackendEvent.newBuilder().setUrlMapSet(UrlMapSet.newBuilder().setUrlMap(map)));
  }

  public EventScript createRule(ForwardingRule rule) {
    return backend(
        rule.getName(),
        BackendEvent.newBuilder()
            .setForwardingRuleCreated(ForwardingRuleCreated.newBuilder().setForwardingRule(rule)));
  }

  public EventScript setTarget(String rule, String target) {
    return backend(
        rule, BackendEvent.newBuilder().setTargetSet(TargetSet.newBuilder().setTarget(target)));
  }

  public EventScript deleteRule(String rule) {
    return backend(
        rule,
        BackendEvent.newBuilder()
            .setForwardingRuleDeleted(ForwardingRuleDeleted.getDefaultInstance()));
  }

  public EventScript health(String check, EndpointAddress address, HealthState state) {
    return append(
        "health.events.v1",
        check + "/targets/" + address,
        List.of(
            HealthEvent.newBuilder()
                .setHealthChanged(Fixtures.verdict(check, address, state))
                .build()));
  }

  public EventScript stopProbing(String check, EndpointAddress address) {
    return append(
        "health.events.v1",
        check + "/targets/" + address,
        List.of(
            HealthEvent.newBuilder()
                .setProbingStopped(
                    ProbingStopped.newBuilder()
                        .setHealthCheck(check)
                        .setIpAddress(address.ip())
                        .setPort(address.port()))
                .build()));
  }
}
