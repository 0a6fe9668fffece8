package io.openneg.healthservice.api;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.openneg.health.v1.GetHealthHistoryRequest;
import io.openneg.health.v1.GetHealthHistoryResponse;
import io.openneg.health.v1.HealthEvent;
import io.openneg.health.v1.HealthHistoryEntry;
import io.openneg.health.v1.HealthState;
import io.openneg.healthservice.endpointhealth.EndpointHealthCodec;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.Target;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** What the log has of an endpoint. */
final class HealthHistory {
  private static final int MAX_PAGE = 1_000;
  // PostgreSQL knows of no earlier and no later time than these.
  private static final Instant FIRST = Instant.EPOCH;
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  private record Found(Instant at, String stream, long version, HealthEvent event) {
    String key() {
      return PageKeys.join(
          Long.toString(at.getEpochSecond()),
          Long.toString(at.getNano()),
          stream,
          Long.toString(version));
    }
  }

  private record Span(Instant from, Instant to) {}

  private HealthHistory() {}

  static GetHealthHistoryResponse of(Handle handle, GetHealthHistoryRequest request) {
    Span span = check(request);
    Page page = Page.of(request.getPageSize(), request.getPageToken(), MAX_PAGE, MAX_PAGE);
    Found after = cursor(page.after());
    var answer =
        page.answer(
            find(handle, streams(handle, request), span, after, page.size() + 1), Found::key);
    Map<String, String> help = new TreeMap<>();
    GetHealthHistoryResponse.Builder response =
        GetHealthHistoryResponse.newBuilder().setNextPageToken(answer.nextPageToken());
    for (Found found : answer.items()) {
      HealthEvent event = found.event();
      response.addEntries(
          HealthHistoryEntry.newBuilder()
              .setRecordedAt(EndpointHealthCodec.encode(found.at()))
              .setEvent(event));
      if (event.getHealthChanged().getNewState() == HealthState.UNHEALTHY) {
        String reason = event.getHealthChanged().getReason().name();
        help.computeIfAbsent(reason, name -> ProbeReason.valueOf(name).help());
      }
    }
    return response.putAllHelp(help).build();
  }

  private static Span check(GetHealthHistoryRequest request) {
    Violations faults = new Violations();
    Requested.endpoint("", request.getIpAddress(), request.getPort(), faults);
    if (!request.getHealthCheck().isEmpty()) {
      faults.check(
          ResourceName.isName(request.getHealthCheck(), Scope.GLOBAL_OR_REGION, "healthChecks"),
          "health_check",
          "must be " + Scope.GLOBAL_OR_REGION.form("healthChecks"));
    }
    Instant from =
        request.hasStartTime() ? time(request.getStartTime(), "start_time", faults) : FIRST;
    Instant to = request.hasEndTime() ? time(request.getEndTime(), "end_time", faults) : LAST;
    faults.check(!to.isBefore(from), "end_time", "must not be before start_time");
    Requested.none(faults);
    return new Span(from, to);
  }

  private static Instant time(Timestamp time, String field, Violations faults) {
    if (!faults.check(Timestamps.isValid(time), field, "must be a time of the years 1 to 9999")) {
      return FIRST;
    }
    Instant instant = Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    return instant.isBefore(FIRST) ? FIRST : instant;
  }

  private static Found cursor(String key) {
    if (key.isEmpty()) {
      return new Found(FIRST, "", 0, HealthEvent.getDefaultInstance());
    }
    String[] parts = PageKeys.split(key, 4);
    Instant at =
        Instant.ofEpochSecond(
            PageKeys.number(parts[0], LAST.getEpochSecond()),
            PageKeys.number(parts[1], 999_999_999));
    return new Found(
        at, parts[2], PageKeys.number(parts[3], Long.MAX_VALUE), HealthEvent.getDefaultInstance());
  }

  private static List<String> streams(Handle handle, GetHealthHistoryRequest request) {
    List<String> checks =
        request.getHealthCheck().isEmpty()
            ? handle.createQuery("SELECT name FROM health_check").mapTo(String.class).list()
            : List.of(request.getHealthCheck());
    return checks.stream()
        .map(check -> new Target(check, request.getIpAddress(), request.getPort()).stream())
        .toList();
  }

  private static List<Found> find(
      Handle handle, List<String> streams, Span span, Found after, int limit) {
    return handle
        .createQuery(
            """
            SELECT occurred_at, stream, version, payload FROM event
            WHERE stream = ANY (:streams) AND occurred_at >= :from AND occurred_at < :to
              AND (occurred_at, stream COLLATE "C", version)
                > (:at, :stream COLLATE "C", :version)
            ORDER BY occurred_at, stream COLLATE "C", version
            LIMIT :limit
            """)
        .bindArray("streams", String.class, streams)
        .bind("from", span.from().atOffset(ZoneOffset.UTC))
        .bind("to", span.to().atOffset(ZoneOffset.UTC))
        .bind("at", after.at().atOffset(ZoneOffset.UTC))
        .bind("stream", after.stream())
        .bind("version", after.version())
        .bind("limit", limit)
        .map(
            (row, _) ->
                new Found(
                    row.getObject("occurred_at", OffsetDateTime.class).toInstant(),
                    row.getString("stream"),
                    row.getLong("version"),
                    EndpointHealthCodec.message(row.getBytes("payload"))))
        .list();
  }
}
