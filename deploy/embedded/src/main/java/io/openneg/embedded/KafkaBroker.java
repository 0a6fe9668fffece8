package io.openneg.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * A Kafka of one node (broker and KRaft controller) as a child JVM, on 127.0.0.1 only. Thread-safe.
 *
 * <p>Its jars are no dependency of this module's users: they are packed into this module and
 * unpacked to run.
 */
public final class KafkaBroker implements AutoCloseable {
  private final ServerFiles files;
  private final ServerSettings settings;
  private final Path program = program();
  private final int port;
  private ChildProcess process;

  private KafkaBroker(ServerSettings settings) {
    this.settings = settings;
    files = new ServerFiles("kafka", settings);
    port = settings.port() != 0 ? settings.port() : FreePorts.next();
    try {
      process = run();
    } catch (IOException e) {
      throw new UncheckedIOException("Kafka cannot be prepared in " + files.directory(), e);
    }
  }

  /**
   * Starts a broker and waits until it serves. One that an earlier, killed run left behind on the
   * same data is ended first.
   *
   * @throws ServerStartException when it does not get ready
   */
  public static KafkaBroker start(ServerSettings settings) {
    return new KafkaBroker(settings);
  }

  public int port() {
    return port;
  }

  /** For {@code bootstrap.servers}. */
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  public Path dataDirectory() {
    return files.directory();
  }

  public Path logFile() {
    return files.logFile();
  }

  /** The broker's current process; another one after a restart. */
  public synchronized ChildProcess process() {
    return process;
  }

  /** Stops the broker cleanly. */
  public synchronized void stop() {
    if (!process.isAlive()) {
      return;
    }
    process.terminate();
    if (!process.awaitExit(Duration.ofSeconds(20))) {
      process.kill();
    }
  }

  /** Kills the broker at once, as a crash would. */
  public synchronized void kill() {
    process.kill();
  }

  /** Starts the broker again on the same data and port; stops it first if it runs. */
  public synchronized void restart() {
    stop();
    try {
      process = run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops the broker; deletes the data if it is temporary. */
  @Override
  public void close() {
    // Without the archive one clean stop is worth its time: it writes it, and every later start
    // takes half as long.
    if (files.isTemporary() && Files.exists(archive())) {
      kill();
    } else {
      stop();
    }
    files.deleteIfTemporary();
  }

  private ChildProcess run() throws IOException {
    ChildProcess.endLeftover(files.pidFile(), Duration.ofSeconds(10));
    Path readyFile = files.resolve("ready");
    Files.deleteIfExists(readyFile);
    Path properties = files.resolve("server.properties");
    Files.writeString(properties, properties());
    ChildProcess started =
        ChildProcess.start(
            new ChildProcess.Command(
                "Kafka",
                command(properties, readyFile),
                Map.of(),
                files.logFile(),
                files.pidFile()));
    ServerFiles.awaitReady(started, () -> Files.exists(readyFile));
    return started;
  }

  private List<String> command(Path properties, Path readyFile) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xms32m",
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+AutoCreateSharedArchive",
        "-XX:SharedArchiveFile=" + archive(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "-Dlog4j2.level=ERROR",
        "-cp",
        program + "/*",
        KafkaProcess.class.getName(),
        properties.toString(),
        readyFile.toString());
  }

  /** The JVM's class data; it checks for itself whether it fits, and does without when not. */
  private Path archive() {
    return program.resolve("kafka-" + Runtime.version().feature() + ".jsa");
  }

  /**
   * The session is short because a killed broker's successor is not let in before the session has
   * run out.
   */
  private String properties() {
    int controllerPort = FreePorts.next();
    return """
        process.roles=broker,controller
        node.id=1
        listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
        advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
        controller.listener.names=CONTROLLER
        controller.quorum.voters=1@127.0.0.1:%2$d
        log.dirs=%3$s
        auto.create.topics.enable=false
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=4
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        group.initial.rebalance.delay.ms=0
        log.index.size.max.bytes=1048576
        log.cleaner.dedupe.buffer.size=4194304
        broker.heartbeat.interval.ms=400
        broker.session.timeout.ms=2000
        log.flush.interval.messages=%4$d
        """
        .formatted(
            port,
            controllerPort,
            files.resolve("data"),
            settings.durable() ? 1000 : Long.MAX_VALUE);
  }

  /** The directory with Kafka's jars and one more, the program that starts it. */
  private static Path program() {
    byte[] jarNames = resource("kafka/classpath");
    byte[] main = resource("KafkaProcess.class");
    return UnpackedFiles.directory(
        "kafka-" + Fingerprint.of(jarNames, main),
        directory -> {
          for (String jar : new String(jarNames, StandardCharsets.UTF_8).trim().split(":", -1)) {
            String name = jar.substring(jar.lastIndexOf('/') + 1);
            try (InputStream content = open("kafka/" + name)) {
              Files.copy(content, directory.resolve(name));
            }
          }
          // A jar, since class data cannot be archived of directories.
          try (var jar =
              new JarOutputStream(Files.newOutputStream(directory.resolve("main.jar")))) {
            jar.putNextEntry(new JarEntry("io/openneg/embedded/KafkaProcess.class"));
            jar.write(main);
          }
        });
  }

  private static byte[] resource(String name) {
    try (InputStream content = open(name)) {
      return content.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(
        KafkaBroker.class.getResourceAsStream(name),
        () -> name + " is missing in this module's jar");
  }
}
