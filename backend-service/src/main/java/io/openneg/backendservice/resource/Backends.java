package io.openneg.backendservice.resource;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;

/** The backends of a service, as events change them; each group once. */
public final class Backends {
  public static final String INSTANCE_GROUPS = "instanceGroups";
  public static final String NETWORK_ENDPOINT_GROUPS = "networkEndpointGroups";

  private Backends() {}

  /** Other settings, the same backends. */
  public static BackendService with(BackendService service, BackendService settings) {
    return settings.toBuilder().clearBackends().addAllBackends(service.getBackendsList()).build();
  }

  public static BackendService plus(BackendService service, Backend added) {
    return service.toBuilder().addBackends(added).build();
  }

  /** The one with the same group is replaced in its place. */
  public static BackendService replaced(BackendService service, Backend by) {
    BackendService.Builder replaced = service.toBuilder().clearBackends();
    service
        .getBackendsList()
        .forEach(b -> replaced.addBackends(b.getGroup().equals(by.getGroup()) ? by : b));
    return replaced.build();
  }

  public static BackendService minus(BackendService service, String group) {
    BackendService.Builder rest = service.toBuilder().clearBackends();
    service.getBackendsList().stream()
        .filter(b -> !b.getGroup().equals(group))
        .forEach(rest::addBackends);
    return rest.build();
  }

  public static boolean has(BackendService service, String group) {
    return service.getBackendsList().stream().anyMatch(b -> b.getGroup().equals(group));
  }

  /** Whether it is an instance group, else a network endpoint group. */
  public static boolean isInstanceGroup(Backend backend) {
    return ResourceName.isName(backend.getGroup(), Scope.ZONE, INSTANCE_GROUPS);
  }
}
