package io.openneg.backendservice.urlmap;

import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapCreated;
import io.openneg.backend.v1.UrlMapDeleted;
import io.openneg.backend.v1.UrlMapUpdated;
import io.openneg.backendservice.resource.Patch;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.backendservice.urlmap.UrlMapCommand.Create;
import io.openneg.backendservice.urlmap.UrlMapCommand.Delete;
import io.openneg.backendservice.urlmap.UrlMapCommand.Update;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.api.Violations;

/** The rules of a URL map. Pure. */
public final class UrlMapDecider
    implements Decider<ResourceState<UrlMap>, UrlMapCommand, BackendEvent> {

  @Override
  public ResourceState<UrlMap> initial() {
    return new ResourceState<>(null);
  }

  @Override
  public Decision<BackendEvent> decide(ResourceState<UrlMap> state, UrlMapCommand command) {
    UrlMap current = state.resource();
    if (command instanceof Create create) {
      if (current != null) {
        return Decision.rejected(Refusals.alreadyExists(create.name()));
      }
      UrlMap map =
          create.wanted().toBuilder()
              .clearChangeToken()
              .clearFingerprint()
              .setName(create.name())
              .setId(create.id())
              .setCreationTimestamp(create.now())
              .build();
      return UrlMapValidation.refusal(create.name(), create.wanted(), create.facts())
          .map(Decision::<BackendEvent>rejected)
          .orElseGet(
              () ->
                  Decision.accepted(
                      BackendEvent.newBuilder()
                          .setUrlMapCreated(UrlMapCreated.newBuilder().setUrlMap(map))
                          .build()));
    }
    if (current == null) {
      return Decision.rejected(Refusals.notFound(command.name()));
    }
    return switch (command) {
      case Create _ -> throw new IllegalStateException("decided above");
      case Update update -> update(current, update);
      case Delete delete ->
          Refusals.inUse(delete.name(), delete.facts().users())
              .map(Decision::<BackendEvent>rejected)
              .orElseGet(
                  () ->
                      Decision.accepted(
                          BackendEvent.newBuilder()
                              .setUrlMapDeleted(UrlMapDeleted.getDefaultInstance())
                              .build()));
    };
  }

  private static Decision<BackendEvent> update(UrlMap current, Update update) {
    String sent = update.wanted().getFingerprint();
    if (!sent.isEmpty() && !Fingerprint.matches(sent, Fingerprint.of(current))) {
      return Decision.rejected(Refusals.changedMeanwhile("url_map.fingerprint"));
    }
    Violations faults = new Violations();
    UrlMap wanted = Patch.apply(current, update.wanted(), update.fields(), faults);
    return faults
        .rejection()
        .or(() -> UrlMapValidation.refusal(update.name(), wanted, update.facts()))
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(() -> updated(current, wanted));
  }

  private static Decision<BackendEvent> updated(UrlMap current, UrlMap wanted) {
    UrlMap map =
        wanted.toBuilder()
            .clearChangeToken()
            .clearFingerprint()
            .setName(current.getName())
            .setId(current.getId())
            .setCreationTimestamp(current.getCreationTimestamp())
            .build();
    return map.equals(current)
        ? Decision.accepted()
        : Decision.accepted(
            BackendEvent.newBuilder()
                .setUrlMapUpdated(UrlMapUpdated.newBuilder().setUrlMap(map))
                .build());
  }

  @Override
  public ResourceState<UrlMap> evolve(ResourceState<UrlMap> state, BackendEvent event) {
    boolean exists = state.resource() != null;
    if (event.hasUrlMapCreated() && !exists) {
      return new ResourceState<>(event.getUrlMapCreated().getUrlMap());
    }
    if (event.hasUrlMapUpdated() && exists) {
      return new ResourceState<>(event.getUrlMapUpdated().getUrlMap());
    }
    if (event.hasUrlMapDeleted() && exists) {
      return new ResourceState<>(null);
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), exists));
  }
}
