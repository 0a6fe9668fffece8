package io.openneg.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server as a child process, on 127.0.0.1 only. Thread-safe.
 *
 * <p>Every user has a password and may connect only to the databases it owns, so that a service
 * that reaches for another one's tables fails here as it would in production.
 */
public final class PostgresServer implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  private static final Pattern PASSWORD = Pattern.compile("[A-Za-z0-9_-]{1,100}");
  private static final String SUPERUSER = "postgres";

  private final ServerFiles files;
  private final ServerSettings settings;
  private final Path installation = PostgresBinaries.installation();
  private final List<String> asUser;
  private final int port;
  private final String superuserPassword;
  private ChildProcess process;

  private PostgresServer(ServerSettings settings) {
    this.settings = settings;
    files = new ServerFiles("postgres", settings);
    port = settings.port() != 0 ? settings.port() : FreePorts.next();
    try {
      asUser = isOwnedByRoot(files.directory()) ? withoutRootPrivileges() : List.of();
      superuserPassword = initialize();
      process = run();
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL cannot be prepared in " + files.directory(), e);
    }
  }

  /**
   * Starts a server and waits until it accepts connections. A server that an earlier, killed run
   * left behind on the same data is ended first.
   *
   * @throws ServerStartException when it does not get ready
   */
  public static PostgresServer start(ServerSettings settings) {
    return new PostgresServer(settings);
  }

  public int port() {
    return port;
  }

  public Path dataDirectory() {
    return files.directory();
  }

  public Path logFile() {
    return files.logFile();
  }

  /** The server's current process; another one after a restart. */
  public synchronized ChildProcess process() {
    return process;
  }

  /** Stops the server as an administrator would: clients are cut off, nothing is lost. */
  public synchronized void stop() {
    if (!process.isAlive()) {
      return;
    }
    process.interrupt();
    if (!process.awaitExit(Duration.ofSeconds(20))) {
      process.kill();
    }
  }

  /** Kills the server and its workers at once, as a crash would. */
  public synchronized void kill() {
    process.kill();
  }

  /** Starts the server again on the same data and port; stops it first if it runs. */
  public synchronized void restart() {
    stop();
    try {
      process = run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops the server; deletes the data if it is temporary. */
  @Override
  public void close() {
    if (files.isTemporary()) {
      kill();
      files.deleteIfTemporary();
    } else {
      stop();
    }
  }

  /**
   * Creates a database and the user that owns it, both with the given name, unless they are there
   * already. No other user may connect to it.
   *
   * @param name a lower-case letter, then up to 62 lower-case letters, digits and underscores
   * @param password letters, digits, underscores and hyphens; set anew when the user is there
   *     already
   */
  public Database createDatabase(String name, String password) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("name: must match " + NAME + ", is '" + name + "'");
    }
    if (!PASSWORD.matcher(password).matches()) {
      throw new IllegalArgumentException("password: must match " + PASSWORD);
    }
    try (Connection connection = superuser().connect()) {
      String verb =
          exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = ?", name) ? "ALTER" : "CREATE";
      execute(connection, "%s ROLE %s LOGIN PASSWORD '%s'".formatted(verb, name, password));
      if (!exists(connection, "SELECT 1 FROM pg_database WHERE datname = ?", name)) {
        execute(connection, "CREATE DATABASE %s OWNER %s".formatted(name, name));
      }
      execute(connection, "REVOKE ALL ON DATABASE %s FROM PUBLIC".formatted(name));
      return new Database(name, jdbcUrl(name), name, password);
    } catch (SQLException e) {
      throw new IllegalStateException("database " + name + " cannot be created", e);
    }
  }

  /** Creates an empty database under a name that was never used. */
  public Database freshDatabase() {
    return createDatabase("test_" + UUID.randomUUID().toString().replace('-', '_'), "openneg");
  }

  /** The administrator's access: every right on every database. */
  public Database superuser() {
    return new Database(SUPERUSER, jdbcUrl(SUPERUSER), SUPERUSER, superuserPassword);
  }

  private String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
  }

  private String initialize() throws IOException {
    Path passwordFile = files.resolve("superuser.password");
    Path data = files.resolve("data");
    if (Files.exists(data.resolve("PG_VERSION")) && Files.exists(passwordFile)) {
      return Files.readString(passwordFile);
    }
    String password = UUID.randomUUID().toString();
    Files.deleteIfExists(passwordFile);
    Files.createFile(
        passwordFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passwordFile, password);
    // Built into a directory beside, so that an interrupted first start leaves nothing that looks
    // like a database.
    Path fresh = files.resolve("data-" + UUID.randomUUID());
    runToEnd(
        "initdb",
        "--username=" + SUPERUSER,
        "--pwfile=" + passwordFile,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        // The collation that is the same on every system.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        settings.durable() ? "--sync-method=fsync" : "--no-sync",
        "--no-instructions",
        "--pgdata=" + fresh);
    Files.move(fresh, data);
    return password;
  }

  private ChildProcess run() throws IOException {
    ChildProcess.endLeftover(files.pidFile(), Duration.ofSeconds(10));
    Path lockFile = files.resolve("data").resolve("postmaster.pid");
    removeIfStale(lockFile);
    var arguments = new ArrayList<>(asUser);
    arguments.add(installation.resolve("bin/postgres").toString());
    arguments.addAll(List.of("-D", files.resolve("data").toString(), "-p", Integer.toString(port)));
    String onOff = settings.durable() ? "on" : "off";
    Map.of(
            "listen_addresses", "127.0.0.1",
            // Their paths are limited to 107 bytes, which a deep data directory exceeds.
            "unix_socket_directories", "",
            "max_connections", "200",
            "shared_buffers", "64MB",
            "timezone", "UTC",
            "log_timezone", "UTC",
            "fsync", onOff,
            "full_page_writes", onOff,
            // Without fsync it costs nothing; off, a killed server would have lost what it
            // confirmed.
            "synchronous_commit", "on")
        .forEach((key, value) -> arguments.addAll(List.of("-c", key + "=" + value)));
    ChildProcess started =
        ChildProcess.start(
            new ChildProcess.Command(
                "PostgreSQL", arguments, Map.of(), files.logFile(), files.pidFile()));
    ServerFiles.awaitReady(started, () -> saysReady(lockFile, started.pid()));
    return started;
  }

  /** What pg_ctl looks at, too: the eighth line of the lock file is the server's status. */
  private static boolean saysReady(Path lockFile, long pid) {
    try {
      List<String> lines = Files.readAllLines(lockFile);
      return lines.size() >= 8
          && lines.get(0).trim().equals(Long.toString(pid))
          && lines.get(7).trim().equals("ready");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * After a crash the lock file names a process number that any other program may have by now,
   * above all in a container, where numbers repeat with every start; PostgreSQL would then refuse
   * to start.
   */
  private static void removeIfStale(Path lockFile) throws IOException {
    try {
      long pid = Long.parseLong(Files.readAllLines(lockFile).getFirst().trim());
      boolean postgres =
          ProcessHandle.of(pid)
              .filter(ProcessHandle::isAlive)
              .flatMap(process -> process.info().command())
              .filter(command -> command.endsWith("/postgres"))
              .isPresent();
      if (!postgres) {
        Files.deleteIfExists(lockFile);
      }
    } catch (NoSuchFileException e) {
      // A clean stop.
    }
  }

  private void runToEnd(String program, String... arguments) throws IOException {
    var command = new ArrayList<>(asUser);
    command.add(installation.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    Process running = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int exitCode = running.waitFor();
      if (exitCode != 0) {
        throw new IOException(
            "%s ended with exit code %d:%n%s".formatted(program, exitCode, output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static boolean isOwnedByRoot(Path directory) throws IOException {
    return Files.getAttribute(directory, "unix:uid") instanceof Integer uid && uid == 0;
  }

  /**
   * PostgreSQL refuses to run as root; in a user namespace of its own root is an ordinary user that
   * owns the same files.
   */
  private static List<String> withoutRootPrivileges() throws IOException {
    List<String> prefix = List.of("unshare", "--user");
    var probe = new ArrayList<>(prefix);
    probe.add("true");
    @Nullable String refusal = null;
    try {
      Process running = new ProcessBuilder(probe).redirectErrorStream(true).start();
      String output = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (running.waitFor() != 0) {
        refusal = output.trim();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } catch (IOException e) {
      refusal = e.getMessage();
    }
    if (refusal != null) {
      throw new IOException(
          "PostgreSQL does not run as root, and no user namespace can be made here (%s): run as another user"
              .formatted(refusal));
    }
    return prefix;
  }

  private static boolean exists(Connection connection, String query, String parameter)
      throws SQLException {
    try (var statement = connection.prepareStatement(query)) {
      statement.setString(1, parameter);
      try (var rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
