package io.openneg.backendservice.targetproxy;

import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpProxyCreated;
import io.openneg.backend.v1.TargetHttpProxyDeleted;
import io.openneg.backend.v1.UrlMapSet;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.backendservice.targetproxy.TargetHttpProxyCommand.Create;
import io.openneg.backendservice.targetproxy.TargetHttpProxyCommand.Delete;
import io.openneg.backendservice.targetproxy.TargetHttpProxyCommand.SetUrlMap;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.Optional;

/** The rules of a target HTTP proxy. Pure. */
public final class TargetHttpProxyDecider
    implements Decider<ResourceState<TargetHttpProxy>, TargetHttpProxyCommand, BackendEvent> {

  @Override
  public ResourceState<TargetHttpProxy> initial() {
    return new ResourceState<>(null);
  }

  @Override
  public Decision<BackendEvent> decide(
      ResourceState<TargetHttpProxy> state, TargetHttpProxyCommand command) {
    TargetHttpProxy current = state.resource();
    if (command instanceof Create create) {
      return current == null
          ? create(create)
          : Decision.rejected(Refusals.alreadyExists(create.name()));
    }
    if (current == null) {
      return Decision.rejected(Refusals.notFound(command.name()));
    }
    return switch (command) {
      case Create _ -> throw new IllegalStateException("decided above");
      case SetUrlMap set ->
          refusal(set.urlMap(), "url_map", set.facts())
              .map(Decision::<BackendEvent>rejected)
              .orElseGet(
                  () ->
                      set.urlMap().equals(current.getUrlMap())
                          ? Decision.accepted()
                          : Decision.accepted(
                              BackendEvent.newBuilder()
                                  .setUrlMapSet(UrlMapSet.newBuilder().setUrlMap(set.urlMap()))
                                  .build()));
      case Delete delete ->
          Refusals.inUse(delete.name(), delete.facts().users())
              .map(Decision::<BackendEvent>rejected)
              .orElseGet(
                  () ->
                      Decision.accepted(
                          BackendEvent.newBuilder()
                              .setTargetHttpProxyDeleted(
                                  TargetHttpProxyDeleted.getDefaultInstance())
                              .build()));
    };
  }

  private static Decision<BackendEvent> create(Create create) {
    TargetHttpProxy proxy =
        create.wanted().toBuilder()
            .clearChangeToken()
            .setName(create.name())
            .setId(create.id())
            .setCreationTimestamp(create.now())
            .build();
    return refusal(proxy.getUrlMap(), "target_http_proxy.url_map", create.facts())
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(
            () ->
                Decision.accepted(
                    BackendEvent.newBuilder()
                        .setTargetHttpProxyCreated(
                            TargetHttpProxyCreated.newBuilder().setTargetHttpProxy(proxy))
                        .build()));
  }

  private static Optional<Rejection> refusal(String urlMap, String field, Facts facts) {
    Violations faults = new Violations();
    faults.check(
        ResourceName.isName(urlMap, Scope.GLOBAL, "urlMaps"),
        field,
        "must be projects/{project}/global/urlMaps/{id}");
    return faults.rejection().or(() -> Refusals.missing(facts, field, urlMap));
  }

  @Override
  public ResourceState<TargetHttpProxy> evolve(
      ResourceState<TargetHttpProxy> state, BackendEvent event) {
    TargetHttpProxy current = state.resource();
    if (event.hasTargetHttpProxyCreated() && current == null) {
      return new ResourceState<>(event.getTargetHttpProxyCreated().getTargetHttpProxy());
    }
    if (event.hasUrlMapSet() && current != null) {
      return new ResourceState<>(
          current.toBuilder().setUrlMap(event.getUrlMapSet().getUrlMap()).build());
    }
    if (event.hasTargetHttpProxyDeleted() && current != null) {
      return new ResourceState<>(null);
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), current != null));
  }
}
