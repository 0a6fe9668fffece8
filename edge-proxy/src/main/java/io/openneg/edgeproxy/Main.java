package io.openneg.edgeproxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.logging.LogManager;

/** The process. */
public final class Main {

  /** For a process that could not even begin: a setting or an address is at fault. */
  private static final int EXIT_MISCONFIGURED = 2;

  private static final Duration DRAIN_ON_STOP = Duration.ofSeconds(5);

  private Main() {}

  public static void main(String[] args) {
    configureLogging();
    EdgeProxy proxy;
    Settings settings;
    try {
      settings = Settings.of(System.getenv());
      proxy = EdgeProxy.start(settings);
    } catch (Settings.Invalid | IOException e) {
      System.err.println("openneg-edge-proxy: " + e.getMessage());
      System.exit(EXIT_MISCONFIGURED);
      return;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  proxy.drain(DRAIN_ON_STOP);
                  proxy.close();
                },
                "stop"));
    System.getLogger(Main.class.getName())
        .log(
            System.Logger.Level.INFO,
            "{0} started: admin on {1}:{2}, control plane at {3}",
            settings.node().id(),
            settings.adminHost(),
            String.valueOf(proxy.adminPort()),
            settings.xdsServer());
  }

  private static void configureLogging() {
    if (System.getProperty("java.util.logging.config.file") != null) {
      return;
    }
    try (InputStream config = Main.class.getResourceAsStream("logging.properties")) {
      LogManager.getLogManager().readConfiguration(config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
