package io.openneg.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.local.system.Component;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script with directories that look like JDKs; the PATH has the tools it uses and, unless said
 * otherwise, no java.
 */
class OpennegScriptTest {
  private static final Path SCRIPT = Path.of("../../openneg").toAbsolutePath().normalize();

  @TempDir Path directory;
  private Path tools;
  private Path jdks;

  private record Result(int exitCode, String output) {}

  @BeforeEach
  void prepare() throws IOException {
    tools = Files.createDirectories(directory.resolve("tools"));
    jdks = Files.createDirectories(directory.resolve("jdks"));
    for (String tool : List.of("sh", "sed", "ls", "dirname", "readlink", "cat")) {
      for (String place : List.of("/bin", "/usr/bin")) {
        Path program = Path.of(place, tool);
        if (Files.exists(program) && !Files.exists(tools.resolve(tool))) {
          executable(tools.resolve(tool), "#!/bin/sh\nexec %s \"$@\"\n".formatted(program));
        }
      }
    }
  }

  @Test
  void javaHomeIsTakenWhenItIsAJdk25() throws Exception {
    jdk(jdks.resolve("a"), "25.0.1");
    Path home = jdk(directory.resolve("my jdk"), "25.0.3");
    assertThat(run(Map.of("JAVA_HOME", home.toString()), "jdk"))
        .isEqualTo(new Result(0, home + "\n"));
  }

  @Test
  void anOlderJavaHomeIsPassedOverForAnInstalledJdk25() throws Exception {
    Path old = jdk(directory.resolve("old"), "17.0.9");
    jdk(jdks.resolve("a-21"), "21.0.2");
    Path right = jdk(jdks.resolve("b-25"), "25.0.3");
    assertThat(run(Map.of("JAVA_HOME", old.toString()), "jdk"))
        .isEqualTo(new Result(0, right + "\n"));
  }

  @Test
  void theJavaOnThePathIsFollowedThroughItsLinks() throws Exception {
    Path home = jdk(directory.resolve("elsewhere/jdk"), "25");
    Path alternatives =
        Files.createSymbolicLink(directory.resolve("alternative"), home.resolve("bin/java"));
    Files.createSymbolicLink(tools.resolve("java"), alternatives);
    assertThat(run(Map.of(), "jdk")).isEqualTo(new Result(0, home.toRealPath() + "\n"));
  }

  @Test
  void aNewerJdkIsTakenOnlyWhenThereIsNo25() throws Exception {
    Path newer = jdk(jdks.resolve("a-26"), "26.0.1");
    assertThat(run(Map.of(), "jdk")).isEqualTo(new Result(0, newer + "\n"));
    Path right = jdk(jdks.resolve("b-25"), "25.0.3");
    assertThat(run(Map.of(), "jdk")).isEqualTo(new Result(0, right + "\n"));
  }

  @Test
  void aJavaWithoutACompilerIsNoJdk() throws Exception {
    Path runtime = jdk(jdks.resolve("jre"), "25.0.3");
    Files.delete(runtime.resolve("bin/javac"));
    Result result = run(Map.of(), "jdk");
    assertThat(result.exitCode()).isEqualTo(1);
  }

  @Test
  void withoutAnyJdkOneLineSaysWhatToInstall() throws Exception {
    Result result = run(Map.of(), "demo");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output())
        .startsWith("OpenNEG needs a JDK 25 and none was found")
        .hasLineCount(1);
  }

  @Test
  void helpNeedsNoJdkAndNamesEveryPortSettingWithItsDefault() throws Exception {
    Result result = run(Map.of(), "help");
    assertThat(result.exitCode()).isZero();
    for (Component component : Component.values()) {
      assertThat(result.output())
          .containsPattern("%s +%d +".formatted(component.portVariable(), component.defaultPort()));
    }
  }

  @Test
  void anUnknownCommandIsRefusedBeforeAnythingIsBuilt() throws Exception {
    assertThat(run(Map.of(), "start"))
        .isEqualTo(new Result(2, "no such command: start (./openneg help lists all)\n"));
  }

  private static Path jdk(Path home, String version) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"%s\"\n".formatted(version));
    for (String program : List.of("java", "javac")) {
      executable(home.resolve("bin").resolve(program), "");
    }
    return home;
  }

  private static void executable(Path file, String content) throws IOException {
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Result run(Map<String, String> environment, String command)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder("/bin/sh", SCRIPT.toString(), command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", tools.toString());
    builder.environment().put("HOME", directory.toString());
    builder.environment().put("OPENNEG_JDKS", jdks.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
