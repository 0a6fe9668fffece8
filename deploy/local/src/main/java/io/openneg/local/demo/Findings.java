package io.openneg.local.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the demo asserted and measured. */
final class Findings {
  private final Screen screen;
  private final List<Check> checks = new ArrayList<>();
  private final List<Timing> timings = new ArrayList<>();

  private record Check(String text, boolean held, String detail) {}

  private record Timing(String from, String to, Duration took) {}

  Findings(Screen screen) {
    this.screen = screen;
  }

  /** Records and shows whether something held. */
  void check(boolean held, String text, String detail) {
    var check = new Check(text, held, detail);
    checks.add(check);
    screen.say("  " + line(check));
  }

  /**
   * Records how long something took from one moment to another, both by {@link System#nanoTime()}.
   */
  void timing(String from, String to, long begin, long end) {
    timings.add(new Timing(from, to, Duration.ofNanos(Math.max(0, end - begin))));
  }

  boolean allHeld() {
    return !checks.isEmpty() && checks.stream().allMatch(Check::held);
  }

  /** The closing table. */
  void summarize() {
    screen.say("");
    screen.say(screen.tint(Screen.Tone.TITLE, "What was asserted"));
    checks.forEach(check -> screen.say("  " + line(check)));
    screen.say("");
    screen.say(screen.tint(Screen.Tone.TITLE, "How long each change took"));
    timings.forEach(
        timing ->
            screen.say(
                "  %-34s %-36s %8s".formatted(timing.from(), timing.to(), text(timing.took()))));
    long held = checks.stream().filter(Check::held).count();
    screen.say("");
    screen.say("%s %d of %d held".formatted(screen.mark(allHeld()), held, checks.size()));
  }

  static String text(Duration duration) {
    return duration.compareTo(Duration.ofSeconds(1)) < 0
        ? "%.1f ms".formatted(duration.toNanos() / 1e6)
        : "%.2f s".formatted(duration.toNanos() / 1e9);
  }

  /** The time from the first to the second moment; "never" without a second one. */
  static String text(long begin, Optional<Long> end) {
    return end.map(at -> text(Duration.ofNanos(Math.max(0, at - begin)))).orElse("never");
  }

  private String line(Check check) {
    return "%s %s%s"
        .formatted(
            screen.mark(check.held()),
            check.text(),
            check.detail().isEmpty() ? "" : screen.tint(Screen.Tone.FAINT, "  " + check.detail()));
  }
}
