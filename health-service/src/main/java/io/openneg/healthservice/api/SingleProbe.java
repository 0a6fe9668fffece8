package io.openneg.healthservice.api;

import com.google.protobuf.Duration;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.health.v1.ProbeNowRequest;
import io.openneg.health.v1.ProbeNowResponse;
import io.openneg.health.v1.ProbeStep;
import io.openneg.healthservice.endpointhealth.EndpointHealthCodec;
import io.openneg.healthservice.endpointhealth.Observation;
import io.openneg.healthservice.probe.ProbeReport;
import io.openneg.healthservice.probe.Prober;
import io.openneg.healthservice.target.Target;
import io.openneg.serviceruntime.api.Violations;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Probes when asked, and only what the tables have: it must not become a way to look into other
 * people's networks. Thread-safe.
 */
final class SingleProbe {
  private static final int AT_A_TIME = 32;

  private final Jdbi jdbi;
  private final Prober prober;
  private final Semaphore free = new Semaphore(AT_A_TIME);

  SingleProbe(Jdbi jdbi, Prober prober) {
    this.jdbi = jdbi;
    this.prober = prober;
  }

  private record Job(Target target, EffectiveChecks.Effective check) {}

  ProbeNowResponse probe(ProbeNowRequest request) throws Exception {
    String service = Requested.service(request.getBackendService());
    Violations faults = new Violations();
    Requested.endpoint("", request.getIpAddress(), request.getPort(), faults);
    Requested.none(faults);
    Job job = jdbi.inTransaction(tx -> job(tx, service, request));
    if (!free.tryAcquire()) {
      throw Requested.refused(
          Kind.RESOURCE_EXHAUSTED,
          "TOO_MANY_PROBES",
          "%d single probes are under way here; try again.".formatted(AT_A_TIME));
    }
    try {
      var report = prober.probeOnce(job.target(), job.check().check());
      // The probe has a deadline of its own; this one is for a prober that is being closed.
      long patience = job.check().check().timeout().plusSeconds(5).toMillis();
      return response(report.get(patience, TimeUnit.MILLISECONDS), job);
    } finally {
      free.release();
    }
  }

  private static Job job(Handle tx, String service, ProbeNowRequest request) {
    String check =
        Requested.check(tx, service, "")
            .orElseThrow(
                () ->
                    Requested.refused(
                        Kind.FAILED_PRECONDITION,
                        "NOT_CHECKED",
                        "The backend service '%s' has no health check.".formatted(service)));
    boolean known =
        tx.createQuery(
                """
                SELECT EXISTS (
                  SELECT 1 FROM backend_endpoint
                  WHERE backend_service = :service AND ip = :ip::inet AND port = :port)
                """)
            .bind("service", service)
            .bind("ip", request.getIpAddress())
            .bind("port", request.getPort())
            .mapTo(Boolean.class)
            .one();
    EffectiveChecks.Effective effective = EffectiveChecks.named(tx, Set.of(check)).get(check);
    if (!known || effective == null) {
      throw Requested.refused(
          Kind.NOT_FOUND,
          "NOT_FOUND",
          "%s:%d is not known as an endpoint of '%s'."
              .formatted(request.getIpAddress(), request.getPort(), service));
    }
    return new Job(new Target(check, request.getIpAddress(), request.getPort()), effective);
  }

  private static ProbeNowResponse response(ProbeReport report, Job job) {
    ProbeNowResponse.Builder response =
        ProbeNowResponse.newBuilder()
            .setAddress(report.address())
            .setSent(report.sent())
            .setReceived(report.received())
            .setEffectiveHealthCheck(job.check().message());
    report
        .steps()
        .forEach(
            step ->
                response.addSteps(
                    ProbeStep.newBuilder().setAt(duration(step.at())).setWhat(step.what())));
    Observation observation = report.observation();
    if (observation == null) {
      return response.setProbeText(report.ownFault()).build();
    }
    return response
        .setReason(EndpointHealthCodec.encode(observation.reason()))
        .setProbeText(observation.text())
        .setHelp(observation.reason().help())
        .setEndedAt(EndpointHealthCodec.encode(observation.endedAt()))
        .setLatency(duration(observation.latency()))
        .build();
  }

  private static Duration duration(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.toSeconds())
        .setNanos(duration.toNanosPart())
        .build();
  }
}
