package io.openneg.embedded;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a server keeps its data and where it listens. Immutable.
 *
 * @param dataDirectory created if missing and kept; null: a temporary one, deleted on close
 * @param port on 127.0.0.1; 0: a free one, chosen at the first start and kept over restarts
 * @param logFile appended to; null: one in the data directory
 * @param durable whether a commit reaches the disk before it is answered. Without it data survives
 *     the death of the process all the same, but not that of the machine.
 */
public record ServerSettings(
    @Nullable Path dataDirectory, int port, @Nullable Path logFile, boolean durable) {

  public ServerSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port: must be 0..65535, is " + port);
    }
  }

  /** A server for tests: temporary data, a free port, not durable. */
  public static ServerSettings temporary() {
    return new ServerSettings(null, 0, null, false);
  }

  /** A server whose data is there to stay: durable, on a free port. */
  public static ServerSettings keptIn(Path dataDirectory) {
    return new ServerSettings(dataDirectory, 0, null, true);
  }

  public ServerSettings withPort(int newPort) {
    return new ServerSettings(dataDirectory, newPort, logFile, durable);
  }

  public ServerSettings withLogFile(Path newLogFile) {
    return new ServerSettings(dataDirectory, port, newLogFile, durable);
  }

  public ServerSettings withDurable(boolean newDurable) {
    return new ServerSettings(dataDirectory, port, logFile, newDurable);
  }
}
