package io.openneg.local.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openneg.embedded.ChildProcess;
import io.openneg.embedded.ServerStartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LocalSystemIT {

  @Test
  void everyProcessGetsReadyAndIsSeenByStatusAndGoneAfterClose(@TempDir Path home) {
    List<Long> pids;
    try (var system = LocalSystem.start(kept(home))) {
      assertThat(system.processes()).hasSize(7).allMatch(process -> process.readiness().ready());
      assertThat(SystemStatus.read(home))
          .hasSize(7)
          .allMatch(entry -> entry.readiness().ready() && entry.pid() > 0);
      pids = system.processes().stream().map(SystemProcess::pid).toList();

      system.process(Component.HEALTH).kill();
      assertThat(SystemStatus.read(home))
          .filteredOn(entry -> !entry.readiness().ready())
          .singleElement()
          .satisfies(entry -> assertThat(entry.component()).isEqualTo(Component.HEALTH))
          .satisfies(entry -> assertThat(entry.readiness().reason()).isEqualTo("is not running"));
    }
    assertThat(pids).noneMatch(LocalSystemIT::runs);
    assertThat(SystemStatus.read(home)).isEmpty();
  }

  @Test
  void aProcessThatDiesWhileStartingStopsEverythingAndItsLastLinesAreTold(@TempDir Path home) {
    var settings =
        new SystemSettings(
            home,
            Ports.free(),
            StandIns.programs(Map.of(Component.BACKEND, "die")),
            false,
            true,
            "lab-a");
    assertThatThrownBy(() -> LocalSystem.start(settings))
        .isInstanceOf(ServerStartException.class)
        .hasMessageContaining("backend-service ended with exit code 3")
        .hasMessageContaining("the database is of a newer version");
    settings.ports().requireFree();
  }

  @Test
  void aKilledProcessOfASupervisedSystemIsStartedAgain(@TempDir Path home) {
    var died = new CopyOnWriteArrayList<Component>();
    var listener =
        new SystemListener() {
          @Override
          public void died(Component component, String what, List<String> lines, Duration next) {
            died.add(component);
          }
        };
    try (var system = new LocalSystem(kept(home).withSupervised(true), listener)) {
      system.start();
      for (Component component : List.of(Component.POSTGRES, Component.NEG)) {
        SystemProcess process = system.process(component);
        long killed = process.pid();
        process.kill();
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> process.pid() != killed && process.readiness().ready());
      }
      assertThat(died).containsExactly(Component.POSTGRES, Component.NEG);
    }
  }

  @Test
  void aKilledProcessOfAnUnsupervisedSystemStaysDownUntilItIsRestarted(@TempDir Path home) {
    try (var system = LocalSystem.start(kept(home))) {
      for (Component component : List.of(Component.EDGE, Component.KAFKA)) {
        SystemProcess process = system.process(component);
        long killed = process.pid();
        process.kill();
        assertThat(process.readiness().ready()).isFalse();
        assertThatThrownBy(process::awaitReady).isInstanceOf(ServerStartException.class);

        process.restart();

        assertThat(process.readiness().ready()).isTrue();
        assertThat(process.pid()).isNotEqualTo(killed);
      }
    }
  }

  @Test
  void whatAKilledRunLeftBehindIsEndedByTheNextOneOnTheSamePorts(@TempDir Path directory)
      throws Exception {
    Path home = directory.resolve("home");
    Path ready = directory.resolve("ready");
    Ports ports = Ports.free();
    var builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.util.logging.config.file="
                    + System.getProperty("java.util.logging.config.file"),
                "-cp",
                System.getProperty("java.class.path"),
                SystemInAnotherJvm.class.getName(),
                home.toString(),
                ready.toString())
            .inheritIO();
    for (Component component : Component.values()) {
      builder.environment().put(component.portVariable(), Integer.toString(ports.of(component)));
    }
    Process other = builder.start();
    await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ready) || !other.isAlive());
    List<Long> orphans = SystemStatus.read(home).stream().map(SystemStatus.Entry::pid).toList();
    assertThat(orphans).hasSize(7).doesNotContain(0L);
    other.destroyForcibly();
    assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();

    try (var system = LocalSystem.start(kept(home).withPorts(ports))) {
      assertThat(orphans).noneMatch(LocalSystemIT::runs);
      assertThat(system.processes()).allMatch(process -> process.readiness().ready());
    }
  }

  @Test
  void twoSystemsInOneHomeAreRefused(@TempDir Path home) {
    try (var _ = new LocalSystem(kept(home), SystemListener.NONE)) {
      assertThatThrownBy(() -> new LocalSystem(kept(home), SystemListener.NONE))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("already running in")
          .hasMessageContaining("OPENNEG_HOME");
    }
  }

  @Test
  void readinessNamesTheChecksThatAreDown(@TempDir Path home) {
    var settings =
        new SystemSettings(
            home,
            Ports.free(),
            StandIns.programs(Map.of(Component.NEG, "down")),
            false,
            false,
            "lab-a");
    try (var system = new LocalSystem(settings, SystemListener.NONE)) {
      SystemProcess process = system.process(Component.NEG);
      process.start();
      await().until(() -> process.readiness().reason().startsWith("says 503"));
      assertThat(process.readiness().reason()).isEqualTo("says 503: relay (lag=7.0)");
      assertThatThrownBy(() -> process.awaitReady(Duration.ofMillis(200)))
          .hasMessageContaining("neg-service is not ready after 0 s: it says 503");
    }
  }

  private static SystemSettings kept(Path home) {
    return new SystemSettings(
        home, Ports.free(), StandIns.programs(Map.of()), false, false, "lab-a");
  }

  private static boolean runs(long pid) {
    return ProcessHandle.of(pid).map(ChildProcess::runs).orElse(false);
  }
}
