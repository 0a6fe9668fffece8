package io.openneg.local.demo;

import java.io.Console;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the audience sees: lines that stay, and below them, on a terminal only, a panel that is
 * drawn anew in place. Thread-safe.
 */
final class Screen {
  private static final int WIDTH = 80;

  private final PrintStream out;
  private final boolean live;
  private final boolean coloured;
  private final boolean unicode;
  private int panelHeight;

  /** Emphasis, by what it says. */
  enum Tone {
    GOOD("32"),
    BAD("31"),
    CAUTION("33"),
    TITLE("1"),
    FAINT("2");

    private final String code;

    Tone(String code) {
      this.code = code;
    }
  }

  Screen(PrintStream out, boolean live, boolean coloured) {
    this.out = out;
    this.live = live;
    this.coloured = coloured;
    unicode = out.charset().newEncoder().canEncode('✓');
  }

  /**
   * As the environment says: live on a terminal that can do it, in colour unless NO_COLOR is set.
   */
  static Screen of(PrintStream out, Map<String, String> environment) {
    boolean live =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    return new Screen(out, live, live && environment.getOrDefault("NO_COLOR", "").isEmpty());
  }

  boolean isLive() {
    return live;
  }

  /** Prints a line that stays. */
  synchronized void say(String line) {
    erasePanel();
    out.println(line);
    out.flush();
  }

  /** Draws the panel; does nothing where it cannot be drawn in place. */
  synchronized void panel(List<String> lines) {
    if (!live) {
      return;
    }
    erasePanel();
    lines.forEach(out::println);
    panelHeight = lines.size();
    out.flush();
  }

  /** Ends the panel; what is drawn of it is removed. */
  synchronized void erasePanel() {
    if (panelHeight > 0) {
      out.print("\033[" + panelHeight + "A\033[J");
      panelHeight = 0;
    }
  }

  String tint(Tone tone, String text) {
    return coloured ? "\033[" + tone.code + "m" + text + "\033[0m" : text;
  }

  /** A check mark or a cross. */
  String mark(boolean held) {
    String sign = unicode ? (held ? "✓" : "✗") : (held ? "ok  " : "FAIL");
    return tint(held ? Tone.GOOD : Tone.BAD, sign);
  }

  /** A bar for a share of 0..1, up to that many columns. */
  String bar(double share, int columns) {
    return (unicode ? "█" : "#").repeat((int) Math.round(share * columns));
  }

  /** A text of at most the panel's width, since a line that wraps spoils drawing in place. */
  static String fit(String text) {
    return text.length() <= WIDTH ? text : text.substring(0, WIDTH);
  }
}
