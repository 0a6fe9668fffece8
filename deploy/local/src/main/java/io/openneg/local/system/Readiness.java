package io.openneg.local.system;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.openneg.embedded.Database;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;

/**
 * Whether a process can do its work now.
 *
 * @param reason why not; empty when it can
 */
public record Readiness(boolean ready, String reason) {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

  static final Readiness READY = new Readiness(true, "");

  static Readiness not(String reason) {
    return new Readiness(false, reason);
  }

  /** Asks the component itself. */
  static Readiness of(Component component, int port) {
    return switch (component) {
      case POSTGRES -> ofPostgres(port);
      case KAFKA -> ofKafka(port);
      case EDGE -> ofHttp(port, "/ready");
      case NEG, BACKEND, HEALTH, PROXY_CONFIG -> ofHttp(port, "/q/health/ready");
    };
  }

  private static Readiness ofHttp(int port, String path) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(TIMEOUT)
            .build();
    try {
      HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? READY
          : not("says %d: %s".formatted(answer.statusCode(), summary(answer.body())));
    } catch (ConnectException e) {
      return not("does not listen on port " + port);
    } catch (IOException e) {
      return not("does not answer: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return not("interrupted");
    }
  }

  /** Of a MicroProfile health answer the checks that are down; else the beginning of the text. */
  private static String summary(String body) {
    try {
      var json = Struct.newBuilder();
      JsonFormat.parser().merge(body, json);
      Value checks = json.getFieldsMap().get("checks");
      if (checks != null) {
        return checks.getListValue().getValuesList().stream()
            .map(value -> value.getStructValue().getFieldsMap())
            .filter(check -> !text(check, "status").equals("UP"))
            .map(check -> text(check, "name") + " " + data(check))
            .collect(Collectors.joining("; "));
      }
    } catch (InvalidProtocolBufferException e) {
      // Not JSON: shown as it is.
    }
    String line = body.strip().replaceAll("\\s+", " ");
    return line.substring(0, Math.min(200, line.length()));
  }

  private static String data(Map<String, Value> check) {
    Value data = check.get("data");
    if (data == null) {
      return "";
    }
    Map<String, Value> fields = data.getStructValue().getFieldsMap();
    return fields.keySet().stream()
        .sorted()
        .map(key -> key + "=" + text(fields, key))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String text(Map<String, Value> fields, String key) {
    Value value = fields.get(key);
    if (value == null) {
      return "";
    }
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> Double.toString(value.getNumberValue());
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case NULL_VALUE, STRUCT_VALUE, LIST_VALUE, KIND_NOT_SET -> "";
    };
  }

  private static Readiness ofPostgres(int port) {
    var database =
        new Database(
            "neg",
            "jdbc:postgresql://127.0.0.1:%d/neg?connectTimeout=2".formatted(port),
            "neg",
            "openneg");
    try (var connection = database.connect()) {
      return connection.isValid(2) ? READY : not("does not answer a query");
    } catch (SQLException e) {
      return not("refuses a connection: " + e.getMessage());
    }
  }

  private static Readiness ofKafka(int port) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", "127.0.0.1:" + port,
            "default.api.timeout.ms", 2_000,
            "request.timeout.ms", 1_500);
    try (var admin = Admin.create(settings)) {
      return admin.describeCluster().nodes().get().isEmpty() ? not("has no live broker") : READY;
    } catch (ExecutionException e) {
      return not("does not answer: " + (e.getCause() == null ? e : e.getCause()).getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return not("interrupted");
    }
  }
}
