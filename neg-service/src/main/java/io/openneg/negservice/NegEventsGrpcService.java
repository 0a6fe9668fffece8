package io.openneg.negservice;

import io.openneg.eventlog.EventStore;
import io.openneg.neg.v1.NegEvent;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.history.EventsOfStore;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;

/** The history of every resource of this service. */
@GrpcService
public class NegEventsGrpcService extends EventsOfStore {
  @Inject
  NegEventsGrpcService(EventLogRuntime runtime, EventStore store) {
    super(runtime.jdbi(), store, NegEvent.getDefaultInstance());
  }
}
