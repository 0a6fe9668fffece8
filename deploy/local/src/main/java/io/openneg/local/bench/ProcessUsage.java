package io.openneg.local.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process has used so far, as Linux tells it.
 *
 * @param cpuNanos processor time of all its threads
 * @param atNanos {@link System#nanoTime} of the look
 * @param memoryKib resident
 * @param descriptors open ones
 */
record ProcessUsage(long cpuNanos, long atNanos, long memoryKib, long descriptors) {
  // Of /proc/{pid}/stat, in hundredths of a second on every Linux that Java runs on.
  private static final long TICK_NANOS = 10_000_000;
  private static final int UTIME = 11;
  private static final int STIME = 12;

  static ProcessUsage of(long pid) {
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      String stat = Files.readString(process.resolve("stat"));
      // The name, in parentheses, may hold spaces.
      List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
      long ticks = Long.parseLong(fields.get(UTIME)) + Long.parseLong(fields.get(STIME));
      return new ProcessUsage(
          ticks * TICK_NANOS, System.nanoTime(), memory(process), descriptors(process));
    } catch (IOException e) {
      throw new UncheckedIOException("this benchmark needs Linux's /proc", e);
    }
  }

  private static long memory(Path process) throws IOException {
    try (Stream<String> lines = Files.lines(process.resolve("status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .sum();
    }
  }

  private static long descriptors(Path process) throws IOException {
    try (Stream<Path> open = Files.list(process.resolve("fd"))) {
      return open.count();
    }
  }

  /** Processor cores used on average since an earlier look. */
  double coresSince(ProcessUsage before) {
    return (double) (cpuNanos - before.cpuNanos) / (atNanos - before.atNanos);
  }
}
