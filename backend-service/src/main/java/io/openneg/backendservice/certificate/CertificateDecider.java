package io.openneg.backendservice.certificate;

import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backend.v1.SslCertificateCreated;
import io.openneg.backend.v1.SslCertificateDeleted;
import io.openneg.backendservice.certificate.CertificateCommand.Create;
import io.openneg.backendservice.certificate.CertificateCommand.Delete;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;

/** The rules of a certificate: it is never changed. Pure. */
public final class CertificateDecider
    implements Decider<ResourceState<SslCertificate>, CertificateCommand, BackendEvent> {

  @Override
  public ResourceState<SslCertificate> initial() {
    return new ResourceState<>(null);
  }

  @Override
  public Decision<BackendEvent> decide(
      ResourceState<SslCertificate> state, CertificateCommand command) {
    boolean exists = state.resource() != null;
    return switch (command) {
      case Create create ->
          exists
              ? Decision.rejected(Refusals.alreadyExists(create.name()))
              : Decision.accepted(
                  BackendEvent.newBuilder()
                      .setSslCertificateCreated(
                          SslCertificateCreated.newBuilder()
                              .setSslCertificate(
                                  create.described().toBuilder()
                                      .setName(create.name())
                                      .setId(create.id())
                                      .setCreationTimestamp(create.now())))
                      .build());
      case Delete delete ->
          exists
              ? Refusals.inUse(delete.name(), delete.facts().users())
                  .map(Decision::<BackendEvent>rejected)
                  .orElseGet(
                      () ->
                          Decision.accepted(
                              BackendEvent.newBuilder()
                                  .setSslCertificateDeleted(
                                      SslCertificateDeleted.getDefaultInstance())
                                  .build()))
              : Decision.rejected(Refusals.notFound(delete.name()));
    };
  }

  @Override
  public ResourceState<SslCertificate> evolve(
      ResourceState<SslCertificate> state, BackendEvent event) {
    boolean exists = state.resource() != null;
    if (event.hasSslCertificateCreated() && !exists) {
      return new ResourceState<>(event.getSslCertificateCreated().getSslCertificate());
    }
    if (event.hasSslCertificateDeleted() && exists) {
      return new ResourceState<>(null);
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), exists));
  }
}
