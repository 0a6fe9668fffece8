package io.openneg.serviceruntime.eventlog;

import io.openneg.eventlog.KafkaProjector;
import io.openneg.eventlog.ParkedEvents.Parked;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

/**
 * For operators: {@code GET /parked} lists the events that could not be applied, with the reason;
 * {@code POST /parked/replay} has them tried again, by whichever replica is active.
 */
@ApplicationScoped
class ParkedEventsRoute {
  private final EventLogRuntime runtime;

  @Inject
  ParkedEventsRoute(EventLogRuntime runtime) {
    this.runtime = runtime;
  }

  void register(@Observes Router router) {
    router.get("/parked").blockingHandler(this::list);
    router.post("/parked/replay").blockingHandler(this::replay);
  }

  private void list(RoutingContext call) {
    JsonArray parked = new JsonArray();
    runtime
        .jdbi()
        .useHandle(
            handle -> {
              for (KafkaProjector projector : runtime.projectors()) {
                for (Parked event : projector.parked(handle)) {
                  parked.add(
                      new JsonObject()
                          .put("projection", projector.name())
                          .put("topic", event.topic())
                          .put("stream", event.stream())
                          .put("version", event.version())
                          .put("type", event.type())
                          .put("error", event.error()));
                }
              }
            });
    call.json(parked);
  }

  private void replay(RoutingContext call) {
    runtime.projectors().forEach(KafkaProjector::replayParked);
    call.response().setStatusCode(202).end();
  }
}
