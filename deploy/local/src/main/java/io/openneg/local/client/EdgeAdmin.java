package io.openneg.local.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The edge proxy's admin interface on 127.0.0.1. Thread-safe. */
public final class EdgeAdmin {
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private final String base;

  public EdgeAdmin(int port) {
    base = "http://127.0.0.1:" + port;
  }

  /** What a proxy can know about an endpoint. */
  public enum State {
    HEALTHY,
    UNHEALTHY,
    DRAINING,
    ABSENT
  }

  /** A cluster as the proxy has it. */
  public record Cluster(String name, List<Endpoint> endpoints) {}

  /**
   * An endpoint as the proxy has it.
   *
   * @param requests sent there so far
   */
  public record Endpoint(String address, int port, State health, String locality, long requests) {}

  /**
   * Waits until the proxy knows the endpoint in that state.
   *
   * @param endpoint IP address, colon, port
   * @param cluster full name of a backend service
   * @return completes with the moment it was so, by {@link System#nanoTime()}; empty when the time
   *     ran out
   */
  public CompletableFuture<Optional<Long>> await(
      String cluster, String endpoint, State state, Duration timeout) {
    String query =
        "/wait?endpoint=%s&state=%s&timeout_ms=%d&cluster=%s"
            .formatted(
                endpoint,
                state.name().toLowerCase(Locale.ROOT),
                timeout.toMillis(),
                URLEncoder.encode(cluster, StandardCharsets.UTF_8));
    var request =
        HttpRequest.newBuilder(URI.create(base + query)).timeout(timeout.plusSeconds(5)).build();
    return HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .thenApply(
            answer -> {
              long now = System.nanoTime();
              return switch (answer.statusCode()) {
                case 200 -> Optional.of(now);
                case 408 -> Optional.empty();
                default ->
                    throw new IllegalStateException(
                        "the edge proxy answers %d to %s: %s"
                            .formatted(answer.statusCode(), query, answer.body()));
              };
            });
  }

  /** All clusters and endpoints the proxy has now. */
  public List<Cluster> clusters() {
    var list = ListValue.newBuilder();
    try {
      JsonFormat.parser().merge(get("/clusters"), list);
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException("the edge proxy's /clusters is no JSON list", e);
    }
    return list.getValuesList().stream()
        .map(Value::getStructValue)
        .map(cluster -> new Cluster(text(cluster, "cluster"), endpoints(cluster)))
        .toList();
  }

  /** The proxy's accepted configuration as JSON. */
  public String configDump() {
    return get("/config_dump");
  }

  private static List<Endpoint> endpoints(Struct cluster) {
    return cluster
        .getFieldsOrDefault("endpoints", Value.getDefaultInstance())
        .getListValue()
        .getValuesList()
        .stream()
        .map(Value::getStructValue)
        .map(
            endpoint ->
                new Endpoint(
                    text(endpoint, "address"),
                    (int) number(endpoint, "port"),
                    State.valueOf(text(endpoint, "health")),
                    text(endpoint, "locality"),
                    number(endpoint, "requests")))
        .toList();
  }

  private static String text(Struct struct, String field) {
    return struct.getFieldsOrDefault(field, Value.getDefaultInstance()).getStringValue();
  }

  private static long number(Struct struct, String field) {
    return (long) struct.getFieldsOrDefault(field, Value.getDefaultInstance()).getNumberValue();
  }

  private String get(String path) {
    var request =
        HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(10)).build();
    try {
      HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(
            "the edge proxy answers %d to %s: %s"
                .formatted(answer.statusCode(), path, answer.body()));
      }
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException("the edge proxy does not answer " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
