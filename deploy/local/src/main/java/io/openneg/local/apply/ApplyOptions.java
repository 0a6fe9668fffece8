package io.openneg.local.apply;

import java.util.Iterator;
import java.util.List;

/**
 * The arguments of {@code openneg apply}.
 *
 * @param file to read; {@code -} is the standard input
 * @param project whose load balancers it says
 * @param dryRun only says what would be changed
 * @param prune also deletes what the file does not name
 * @param await returns when every proxy has the changes
 */
public record ApplyOptions(
    String file, String project, boolean dryRun, boolean prune, boolean await) {
  public static final String USAGE =
      "./openneg apply -f FILE [--dry-run] [--prune] [--wait] [--project ID]";

  /**
   * @throws IllegalArgumentException when they are not as {@link #USAGE} has them
   */
  public static ApplyOptions parse(List<String> arguments) {
    String file = "";
    String project = "demo";
    boolean dryRun = false;
    boolean prune = false;
    boolean await = false;
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      switch (argument) {
        case "-f", "--file" -> file = value(argument, rest);
        case "--project" -> project = value(argument, rest);
        case "--dry-run" -> dryRun = true;
        case "--prune" -> prune = true;
        case "--wait" -> await = true;
        default ->
            throw new IllegalArgumentException(
                "no such argument: %s%nusage: %s".formatted(argument, USAGE));
      }
    }
    if (file.isEmpty()) {
      throw new IllegalArgumentException("which file? usage: " + USAGE);
    }
    return new ApplyOptions(file, project, dryRun, prune, await);
  }

  private static String value(String of, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException("%s needs a value; usage: %s".formatted(of, USAGE));
    }
    return rest.next();
  }
}
