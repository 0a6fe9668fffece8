package io.openneg.backendservice.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendEvent.EventCase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Events that were ever written must be readable for ever. */
class BackendEventCodecTest {
  private final BackendEventCodec codec = new BackendEventCodec();

  /** One event that was written once: its type, its bytes and what it says. */
  record Golden(String type, byte[] bytes, String text) {}

  @Test
  void everyEventEverWrittenIsReadAsItWasMeant() throws Exception {
    Set<EventCase> seen = EnumSet.noneOf(EventCase.class);
    for (Golden golden : golden()) {
      BackendEvent event = codec.decode(golden.bytes());

      assertThat(event).isEqualTo(TextFormat.parse(golden.text(), BackendEvent.class));
      assertThat(codec.type(event)).isEqualTo(golden.type());
      assertThat(codec.encode(event)).isEqualTo(golden.bytes());
      seen.add(event.getEventCase());
    }
    Set<EventCase> all = EnumSet.allOf(EventCase.class);
    all.remove(EventCase.EVENT_NOT_SET);
    assertThat(seen).as("every kind of event has a line in the golden log").isEqualTo(all);
  }

  private static List<Golden> golden() throws IOException {
    List<Golden> events = new ArrayList<>();
    try (InputStream file =
        Objects.requireNonNull(
            BackendEventCodecTest.class.getResourceAsStream("/golden/backend.events.v1.txt"))) {
      String log = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : log.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList()) {
        String[] parts = line.split(" ", 3);
        events.add(new Golden(parts[0], Base64.getDecoder().decode(parts[1]), parts[2]));
      }
    }
    return events;
  }
}
