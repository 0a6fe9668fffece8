package io.openneg.eventlog;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** The event topics. Whoever comes first, owner or reader, creates them alike. */
public final class Topics {
  /** Partitions of a new topic. Keys stay on their partition, so it is not changed later. */
  public static final int PARTITIONS = 8;

  private Topics() {}

  /**
   * Creates the topics that are missing, with the broker's default replication and without an end
   * of retention: a new reader starts at the first event. Waits up to a minute for Kafka.
   *
   * @throws KafkaException when Kafka cannot be reached or refuses
   */
  public static void ensure(Map<String, Object> clientConfig, Collection<String> topics)
      throws InterruptedException {
    Admin admin = Admin.create(clientConfig);
    try {
      List<NewTopic> wanted =
          topics.stream()
              .map(
                  name ->
                      new NewTopic(name, Optional.of(PARTITIONS), Optional.empty())
                          .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1")))
              .toList();
      for (var created : admin.createTopics(wanted).values().values()) {
        try {
          created.get();
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw new KafkaException("cannot create the topics " + topics, e.getCause());
          }
        }
      }
    } finally {
      // Without a bound it would wait for calls that were given up.
      admin.close(Duration.ZERO);
    }
  }
}
