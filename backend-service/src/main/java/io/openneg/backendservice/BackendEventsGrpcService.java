package io.openneg.backendservice;

import io.openneg.backend.v1.BackendEvent;
import io.openneg.eventlog.EventStore;
import io.openneg.serviceruntime.history.EventsOfStore;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import org.jdbi.v3.core.Jdbi;

/** The history of every resource of this service. */
@GrpcService
public class BackendEventsGrpcService extends EventsOfStore {
  @Inject
  BackendEventsGrpcService(Jdbi jdbi, EventStore store) {
    super(jdbi, store, BackendEvent.getDefaultInstance());
  }
}
