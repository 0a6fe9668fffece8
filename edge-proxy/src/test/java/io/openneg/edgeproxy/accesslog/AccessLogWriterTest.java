package io.openneg.edgeproxy.accesslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.edgeproxy.config.AccessLog;
import io.openneg.edgeproxy.config.AccessLog.Column;
import io.openneg.edgeproxy.config.AccessLog.Operator;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccessLogWriterTest {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("backend_service", "web", null),
          new Column("endpoint", "%UPSTREAM_HOST%", Operator.ENDPOINT),
          new Column("status", "%RESPONSE_CODE%", Operator.STATUS));

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private List<String> lines(int times, String cluster, AccessLog... logs) {
    try (AccessLogWriter writer = new AccessLogWriter(new PrintStream(written, true, UTF_8))) {
      for (int i = 0; i < times; i++) {
        writer.log(List.of(logs), cluster, () -> Map.of(Operator.STATUS, 200));
      }
    }
    return written.toString(UTF_8).lines().toList();
  }

  @Test
  void aLineIsAJsonObjectWithNumbersAsNumbersAndWhatIsNotKnownAsNull() {
    assertThat(lines(1, "web", new AccessLog("web", 1_000_000, COLUMNS)))
        .containsExactly("{\"backend_service\":\"web\",\"endpoint\":null,\"status\":200}");
  }

  @Test
  void onlyWhatIsForTheClusterIsWritten() {
    assertThat(
            lines(
                1,
                "web",
                new AccessLog("other", 1_000_000, COLUMNS),
                new AccessLog(null, 1_000_000, COLUMNS)))
        .hasSize(1);
  }

  @Test
  void ofAShareAboutThatManyAreWritten() {
    assertThat(lines(8_000, "web", new AccessLog("web", 250_000, COLUMNS)))
        .hasSizeBetween(1_700, 2_300);
  }

  @Test
  void ofNoneNothingIsWritten() {
    assertThat(lines(1_000, "web", new AccessLog("web", 0, COLUMNS))).isEmpty();
  }
}
