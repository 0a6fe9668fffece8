package io.openneg.healthservice.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.health.v1.WatchHealthRequest;
import io.openneg.health.v1.WatchHealthResponse;
import io.openneg.healthservice.target.TargetProjection;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;

/**
 * All streams of health on this replica, woken by its own verdicts and by changes of membership; of
 * other replicas' verdicts they learn when they look. Thread-safe.
 */
@ApplicationScoped
public class HealthWatches {
  private static final int MAX = 32;

  private final Jdbi jdbi;
  private final Set<HealthWatch> watches = ConcurrentHashMap.newKeySet();

  @Inject
  HealthWatches(EventLogRuntime runtime) {
    this.jdbi = runtime.jdbi();
    var _ = runtime.startListener(TargetProjection.CHANGED, this::wake);
  }

  /** Says that verdicts were committed; never blocks. */
  public void wake() {
    watches.forEach(HealthWatch::wake);
  }

  /** A watch that sends nothing before {@link #follow}. */
  HealthWatch open(ServerCallStreamObserver<WatchHealthResponse> out) {
    HealthWatch watch = new HealthWatch(jdbi, out);
    out.setOnReadyHandler(watch::wake);
    out.setOnCancelHandler(watch::end);
    return watch;
  }

  /** Sends until the reader goes. */
  void follow(HealthWatch watch, WatchHealthRequest request) throws InterruptedException {
    watches.add(watch);
    try {
      if (watches.size() > MAX) {
        throw Requested.refused(
            Kind.RESOURCE_EXHAUSTED,
            "TOO_MANY_WATCHES",
            "%d watches are open on this replica; end one or ask another replica.".formatted(MAX));
      }
      watch.run(request);
    } finally {
      watches.remove(watch);
    }
  }
}
