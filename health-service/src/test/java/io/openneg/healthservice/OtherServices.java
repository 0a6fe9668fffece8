package io.openneg.healthservice;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendAdded;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendRemoved;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendServiceCreated;
import io.openneg.backend.v1.BackendServiceDeleted;
import io.openneg.backend.v1.BackendServiceUpdated;
import io.openneg.backend.v1.ConnectionDraining;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HealthCheckCreated;
import io.openneg.backend.v1.HealthCheckDeleted;
import io.openneg.backend.v1.HealthCheckUpdated;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapCreated;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.neg.v1.EndpointAttached;
import io.openneg.neg.v1.EndpointDetached;
import io.openneg.neg.v1.EndpointUpdated;
import io.openneg.neg.v1.InstanceGroupDeleted;
import io.openneg.neg.v1.NegCreated;
import io.openneg.neg.v1.NegDeleted;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** neg-service and backend-service as health-service sees them: makers of numbered events. */
public final class OtherServices {
  public static final String NEGS = "projects/p/zones/z-a/networkEndpointGroups/";
  public static final String INSTANCE_GROUPS = "projects/p/zones/z-a/instanceGroups/";
  public static final String CHECKS = "projects/p/global/healthChecks/";
  public static final String SERVICES = "projects/p/global/backendServices/";

  private final Map<String, Long> versions = new HashMap<>();
  private Instant now = Instant.EPOCH;

  /** When what is made from now on happened; the epoch at first. */
  public OtherServices at(Instant time) {
    now = time;
    return this;
  }

  private RecordedEvent recorded(String topic, String stream, String type, byte[] payload) {
    long version = versions.merge(stream, 1L, Long::sum);
    return new RecordedEvent(
        topic, stream, version, version, type, payload, now, "test", null, null);
  }

  /**
   * @param neg its id, or an instance group's full name
   */
  private RecordedEvent neg(String neg, NegEvent.Builder event) {
    NegEvent built = event.build();
    return recorded(
        "neg.events.v1", full(neg), "openneg.neg.v1." + built.getEventCase(), built.toByteArray());
  }

  private RecordedEvent backend(String stream, BackendEvent.Builder event) {
    BackendEvent built = event.build();
    return recorded(
        "backend.events.v1",
        stream,
        "openneg.backend.v1." + built.getEventCase(),
        built.toByteArray());
  }

  private static String full(String group) {
    return group.startsWith(INSTANCE_GROUPS) ? group : NEGS + group;
  }

  public static String instanceGroup(String id) {
    return INSTANCE_GROUPS + id;
  }

  /**
   * @param ports name, port, name, port …
   */
  public RecordedEvent portsNamed(String instanceGroup, Object... ports) {
    NegEvent.Builder event = NegEvent.newBuilder();
    for (int i = 0; i < ports.length; i += 2) {
      event
          .getNamedPortsSetBuilder()
          .addNamedPortsBuilder()
          .setName((String) ports[i])
          .setPort((Integer) ports[i + 1]);
    }
    event.getNamedPortsSetBuilder();
    return neg(instanceGroup, event);
  }

  public RecordedEvent instanceGroupDeleted(String instanceGroup) {
    return neg(
        instanceGroup,
        NegEvent.newBuilder().setInstanceGroupDeleted(InstanceGroupDeleted.getDefaultInstance()));
  }

  /** With a port name and without draining. */
  public RecordedEvent serviceOfPort(String service, String check, String portName) {
    return backend(
        SERVICES + service,
        BackendEvent.newBuilder()
            .setBackendServiceCreated(
                BackendServiceCreated.newBuilder()
                    .setBackendService(
                        BackendService.newBuilder()
                            .setName(SERVICES + service)
                            .addHealthChecks(CHECKS + check)
                            .setPortName(portName))));
  }

  public RecordedEvent negCreated(String neg) {
    return neg(
        neg,
        NegEvent.newBuilder()
            .setNegCreated(
                NegCreated.newBuilder()
                    .setNetworkEndpointGroup(
                        NetworkEndpointGroup.newBuilder().setName(NEGS + neg))));
  }

  public RecordedEvent attached(String neg, String ip, int port) {
    return neg(
        neg,
        NegEvent.newBuilder()
            .setEndpointAttached(
                EndpointAttached.newBuilder()
                    .setNetworkEndpoint(
                        NetworkEndpoint.newBuilder()
                            .setInstance("vm-1")
                            .setIpAddress(ip)
                            .setPort(port))));
  }

  public RecordedEvent updated(String neg, String ip, int port, String instance) {
    return neg(
        neg,
        NegEvent.newBuilder()
            .setEndpointUpdated(
                EndpointUpdated.newBuilder()
                    .setNetworkEndpoint(
                        NetworkEndpoint.newBuilder()
                            .setInstance(instance)
                            .setIpAddress(ip)
                            .setPort(port))));
  }

  public RecordedEvent detached(String neg, String ip, int port) {
    return neg(
        neg,
        NegEvent.newBuilder()
            .setEndpointDetached(EndpointDetached.newBuilder().setIpAddress(ip).setPort(port)));
  }

  public RecordedEvent negDeleted(String neg) {
    return neg(neg, NegEvent.newBuilder().setNegDeleted(NegDeleted.getDefaultInstance()));
  }

  /** Probes "/" at the endpoint's own port every second. */
  public static HealthCheck.Builder httpCheck(String check) {
    return HealthCheck.newBuilder()
        .setName(CHECKS + check)
        .setId(1)
        .setCheckIntervalSec(1)
        .setTimeoutSec(1)
        .setHealthyThreshold(2)
        .setUnhealthyThreshold(2)
        .setHttpHealthCheck(
            HttpHealthCheck.newBuilder()
                .setPortSpecification(PortSpecification.USE_SERVING_PORT)
                .setRequestPath("/"));
  }

  public RecordedEvent checkCreated(HealthCheck.Builder check) {
    return backend(
        check.getName(),
        BackendEvent.newBuilder()
            .setHealthCheckCreated(HealthCheckCreated.newBuilder().setHealthCheck(check)));
  }

  public RecordedEvent checkUpdated(HealthCheck.Builder check) {
    return backend(
        check.getName(),
        BackendEvent.newBuilder()
            .setHealthCheckUpdated(HealthCheckUpdated.newBuilder().setHealthCheck(check)));
  }

  public RecordedEvent checkDeleted(String check) {
    return backend(
        CHECKS + check,
        BackendEvent.newBuilder().setHealthCheckDeleted(HealthCheckDeleted.getDefaultInstance()));
  }

  /**
   * @param check empty: none
   */
  public RecordedEvent serviceCreated(String service, String check) {
    return serviceCreated(service, check, 0);
  }

  public RecordedEvent serviceCreated(String service, String check, int drainingSec) {
    BackendService.Builder created =
        BackendService.newBuilder()
            .setName(SERVICES + service)
            .setConnectionDraining(
                ConnectionDraining.newBuilder().setDrainingTimeoutSec(drainingSec));
    if (!check.isEmpty()) {
      created.addHealthChecks(CHECKS + check);
    }
    return backend(
        SERVICES + service,
        BackendEvent.newBuilder()
            .setBackendServiceCreated(
                BackendServiceCreated.newBuilder().setBackendService(created)));
  }

  /**
   * @param check empty: none
   */
  public RecordedEvent serviceUpdated(String service, String check) {
    BackendService.Builder updated = BackendService.newBuilder().setName(SERVICES + service);
    if (!check.isEmpty()) {
      updated.addHealthChecks(CHECKS + check);
    }
    return backend(
        SERVICES + service,
        BackendEvent.newBuilder()
            .setBackendServiceUpdated(
                BackendServiceUpdated.newBuilder().setBackendService(updated)));
  }

  public RecordedEvent backendAdded(String service, String neg) {
    return backend(
        SERVICES + service,
        BackendEvent.newBuilder()
            .setBackendAdded(
                BackendAdded.newBuilder().setBackend(Backend.newBuilder().setGroup(full(neg)))));
  }

  public RecordedEvent backendRemoved(String service, String neg) {
    return backend(
        SERVICES + service,
        BackendEvent.newBuilder()
            .setBackendRemoved(BackendRemoved.newBuilder().setGroup(NEGS + neg)));
  }

  public RecordedEvent serviceDeleted(String service) {
    return backend(
        SERVICES + service,
        BackendEvent.newBuilder()
            .setBackendServiceDeleted(BackendServiceDeleted.getDefaultInstance()));
  }

  /** Something on the topic that is of no concern here. */
  public RecordedEvent urlMapCreated(String map) {
    String name = "projects/p/global/urlMaps/" + map;
    return backend(
        name,
        BackendEvent.newBuilder()
            .setUrlMapCreated(
                UrlMapCreated.newBuilder().setUrlMap(UrlMap.newBuilder().setName(name))));
  }
}
