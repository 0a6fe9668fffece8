package io.openneg.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerIT {

  @Test
  void committedRowsSurviveAKillAndARestart(@TempDir Path directory) throws SQLException {
    try (var server = PostgresServer.start(ServerSettings.keptIn(directory))) {
      Database database = server.createDatabase("neg", "openneg");
      execute(database, "CREATE TABLE fact (id int)");
      execute(database, "INSERT INTO fact SELECT generate_series(1, 1000)");
      long killed = server.process().pid();

      server.kill();
      assertThatThrownBy(database::connect).isInstanceOf(SQLException.class);
      server.restart();

      assertThat(server.process().pid()).isNotEqualTo(killed);
      assertThat(count(database, "fact")).isEqualTo(1000);
    }
  }

  @Test
  void keepsDataOverACleanStopInAnotherInstance(@TempDir Path directory) throws SQLException {
    int port;
    try (var server = PostgresServer.start(ServerSettings.keptIn(directory))) {
      port = server.port();
      Database database = server.createDatabase("health", "first");
      execute(database, "CREATE TABLE fact (id int)");
      assertThat(setting(database, "fsync")).isEqualTo("on");
    }
    try (var server = PostgresServer.start(ServerSettings.keptIn(directory).withPort(port))) {
      assertThat(count(server.createDatabase("health", "second"), "fact")).isZero();
    }
  }

  @Test
  void aServerThatOutlivedItsKilledOwnerIsEndedByTheNextStart(@TempDir Path directory)
      throws SQLException {
    var orphan = PostgresServer.start(ServerSettings.keptIn(directory));
    execute(orphan.createDatabase("neg", "openneg"), "CREATE TABLE fact (id int)");

    try (var server = PostgresServer.start(ServerSettings.keptIn(directory))) {
      assertThat(orphan.process().awaitExit(Duration.ofSeconds(5))).isTrue();
      assertThat(count(server.createDatabase("neg", "openneg"), "fact")).isZero();
    }
  }

  @Test
  void aLockFileThatNamesAnUnrelatedProcessDoesNotPreventTheStart(@TempDir Path directory)
      throws Exception {
    try (var server = PostgresServer.start(ServerSettings.keptIn(directory))) {
      server.kill();
      Path lockFile = directory.resolve("data/postmaster.pid");
      String content = Files.readString(lockFile);
      Files.writeString(
          lockFile, ProcessHandle.current().pid() + content.substring(content.indexOf('\n')));

      server.restart();

      assertThat(setting(server.superuser(), "fsync")).isEqualTo("on");
    }
  }

  @Test
  void noUserMayConnectToAnothersDatabase() {
    PostgresServer server = TestServers.postgres();
    Database own = server.freshDatabase();
    Database other = server.freshDatabase();
    var intruder = new Database(other.name(), other.jdbcUrl(), own.user(), own.password());
    assertThatThrownBy(intruder::connect).hasMessageContaining("permission denied for database");
    var guesser = new Database(own.name(), own.jdbcUrl(), own.user(), "wrong");
    assertThatThrownBy(guesser::connect).hasMessageContaining("password authentication failed");
  }

  @Test
  void whatIsCommittedSurvivesTheDeathOfTheProcessAlsoInTests() throws SQLException {
    try (PostgresServer server = PostgresServer.start(ServerSettings.temporary())) {
      Database database = server.freshDatabase();
      execute(database, "CREATE TABLE kept (n int)");
      for (int n = 1; n <= 3; n++) {
        execute(database, "INSERT INTO kept VALUES (" + n + ")");
        server.kill();
        server.restart();
        assertThat(count(database, "kept")).isEqualTo(n);
      }
    }
  }

  @Test
  void isNotDurableForTests() throws SQLException {
    assertThat(setting(TestServers.freshDatabase(), "fsync")).isEqualTo("off");
  }

  @Test
  void theReasonOfAFailedStartIsInTheException(@TempDir Path directory) throws Exception {
    try (var taken = new ServerSocket(FreePorts.next(), 1, InetAddress.ofLiteral("127.0.0.1"))) {
      var settings = ServerSettings.keptIn(directory).withPort(taken.getLocalPort());
      assertThatThrownBy(() -> PostgresServer.start(settings))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining("could not bind IPv4 address \"127.0.0.1\"")
          .hasMessageContaining("postgres.log");
    }
  }

  private static void execute(Database database, String sql) throws SQLException {
    try (Connection connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int count(Database database, String table) throws SQLException {
    return Integer.parseInt(single(database, "SELECT count(*) FROM " + table));
  }

  private static String setting(Database database, String name) throws SQLException {
    return single(database, "SHOW " + name);
  }

  private static String single(Database database, String query) throws SQLException {
    try (Connection connection = database.connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
