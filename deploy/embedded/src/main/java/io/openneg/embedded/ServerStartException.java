package io.openneg.embedded;

import java.nio.file.Path;
import java.util.List;

/** A process did not become ready; the message ends with the last lines of its log. */
public final class ServerStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ServerStartException(String what, Path logFile, List<String> lastLogLines) {
    super(message(what, logFile, lastLogLines));
  }

  private static String message(String what, Path logFile, List<String> lastLogLines) {
    var text = new StringBuilder(what).append("; the last lines of ").append(logFile).append(':');
    if (lastLogLines.isEmpty()) {
      text.append("\n  (nothing was logged)");
    }
    lastLogLines.forEach(line -> text.append("\n  ").append(line));
    return text.toString();
  }
}
