package io.openneg.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * The program of the child JVM: formats the data directory once, serves, and writes the ready file
 * when it does.
 */
final class KafkaProcess {
  private KafkaProcess() {}

  public static void main(String[] arguments) {
    try {
      serve(Path.of(arguments[0]), Path.of(arguments[1]));
    } catch (Throwable e) {
      e.printStackTrace();
      // Not exit: threads of a half-started broker would keep it waiting.
      Runtime.getRuntime().halt(1);
    }
  }

  private static void serve(Path propertiesFile, Path readyFile) throws Exception {
    var properties = new Properties();
    try (var reader = Files.newBufferedReader(propertiesFile)) {
      properties.load(reader);
    }
    String data = properties.getProperty("log.dirs");
    if (!Files.exists(Path.of(data, "meta.properties"))) {
      new Formatter()
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(1)
          .addDirectory(data)
          .setMetadataLogDirectory(data)
          .setControllerListenerName("CONTROLLER")
          .setPrintStream(System.out)
          .run();
    }
    var server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shutdown"));
    server.startup();
    Files.createFile(readyFile);
    server.awaitShutdown();
  }
}
