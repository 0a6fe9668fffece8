package io.openneg.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void withoutATerminalThereAreOnlyPlainLines() {
    Screen screen = screen(StandardCharsets.UTF_8, false, false);
    screen.say(screen.mark(true) + " served");
    screen.panel(List.of("a", "b"));
    screen.say(screen.tint(Screen.Tone.BAD, "done"));
    assertThat(printed()).isEqualTo("✓ served\ndone\n");
  }

  @Test
  void marksAreWordsWhereTheCharacterSetHasNoSigns() {
    Screen screen = screen(StandardCharsets.US_ASCII, false, false);
    screen.say(screen.mark(true) + "/" + screen.mark(false) + "/" + screen.bar(0.5, 4));
    assertThat(printed()).isEqualTo("ok  /FAIL/##\n");
  }

  @Test
  void aPanelIsErasedBeforeWhatComesNext() {
    Screen screen = screen(StandardCharsets.UTF_8, true, false);
    screen.panel(List.of("one", "two"));
    screen.panel(List.of("three"));
    screen.say("a line that stays");
    assertThat(printed())
        .isEqualTo("one\ntwo\n\033[2A\033[Jthree\n\033[1A\033[Ja line that stays\n");
  }

  @Test
  void aCheckThatFailedIsShownAndMakesTheWholeFail() {
    var findings = new Findings(screen(StandardCharsets.UTF_8, false, false));
    assertThat(findings.allHeld()).as("nothing was asserted").isFalse();
    findings.check(true, "spread", "66/67/67");
    assertThat(findings.allHeld()).isTrue();
    findings.check(false, "moved", "");
    findings.summarize();
    assertThat(findings.allHeld()).isFalse();
    assertThat(printed()).contains("✓ spread  66/67/67\n", "✗ moved\n", "✗ 1 of 2 held\n");
  }

  private Screen screen(Charset charset, boolean live, boolean coloured) {
    return new Screen(new PrintStream(bytes, true, charset), live, coloured);
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
