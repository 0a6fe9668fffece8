package io.openneg.serviceruntime.address;

import static java.util.Collections.nCopies;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4AddressTest {
  private static final Pattern QUAD =
      Pattern.compile(
          String.join("\\.", nCopies(4, "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])")));

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "10.1.2.3", "127.0.0.1", "192.168.0.255", "255.255.255.255"})
  void whatIsReadIsWrittenTheSame(String quad) {
    assertEquals(Optional.of(quad), Ipv4Address.parse(quad).map(Ipv4Address::toString));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "1",
        "1.2.3",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "1.2.3.4.",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.1000",
        "01.2.3.4",
        "1.2.3.00",
        "-1.2.3.4",
        "+1.2.3.4",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.a",
        "0x1.2.3.4",
        "1,2.3.4",
        "::1",
        "::ffff:1.2.3.4",
        "١.2.3.4"
      })
  void whatIsNoDottedQuadIsNotRead(String text) {
    assertEquals(Optional.empty(), Ipv4Address.parse(text));
  }

  @Test
  void itReadsWhatTheGrammarSays() {
    Random random = new Random(25);
    String alphabet = "0012569..";
    for (int n = 0; n < 200_000; n++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String quad = text.toString();
      assertEquals(QUAD.matcher(quad).matches(), Ipv4Address.parse(quad).isPresent(), quad);
    }
  }
}
