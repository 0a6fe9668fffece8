package io.openneg.serviceruntime.eventlog;

import io.agroal.api.AgroalDataSource;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.KafkaProjector;
import io.openneg.eventlog.NotificationListener;
import io.openneg.eventlog.OutboxRelay;
import io.openneg.eventlog.Projection;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The event log of this process: brings the database's tables up to date before anyone reads them,
 * hands out relays and projectors on the configured database and Kafka, and stops them with the
 * process. Thread-safe.
 */
@ApplicationScoped
public class EventLogRuntime {
  /**
   * A replica that vanished without a word still holds its locks until the server notices, which it
   * would do after two hours by default; one that hangs in a transaction holds back every relay of
   * the cluster.
   */
  private static final String SESSION_OPTIONS =
      "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
          + " -c idle_in_transaction_session_timeout=10s";

  private final Jdbi jdbi;
  private final Jdbi sessions;
  private final Map<String, Object> kafka;
  private final List<OutboxRelay> relays = new CopyOnWriteArrayList<>();
  private final List<KafkaProjector> projectors = new CopyOnWriteArrayList<>();
  private final List<NotificationListener> listeners = new CopyOnWriteArrayList<>();

  @Inject
  EventLogRuntime(
      AgroalDataSource pool,
      Flyway migrations,
      @ConfigProperty(name = "quarkus.datasource.jdbc.url") String url,
      @ConfigProperty(name = "quarkus.datasource.username") String user,
      @ConfigProperty(name = "quarkus.datasource.password") String password,
      @ConfigProperty(name = "openneg.kafka.bootstrap") String bootstrap) {
    // Here and not by the framework's start, whose order is not said: beans read tables when they
    // are made.
    migrations.migrate();
    this.jdbi = Jdbi.create(pool);
    PGSimpleDataSource single = new PGSimpleDataSource();
    single.setUrl(url);
    single.setUser(user);
    single.setPassword(password);
    single.setConnectTimeout(5);
    single.setSocketTimeout(70);
    single.setTcpKeepAlive(true);
    single.setOptions(SESSION_OPTIONS);
    single.setApplicationName("openneg-session");
    this.sessions = Jdbi.create(single);
    this.kafka = Map.of("bootstrap.servers", bootstrap);
  }

  /** The connection pool, for commands and queries. */
  public Jdbi jdbi() {
    return jdbi;
  }

  /** Client configuration of Kafka. */
  public Map<String, Object> kafka() {
    return kafka;
  }

  /**
   * Starts publishing a store.
   *
   * @param source the CloudEvents source, such as {@code /neg-service}
   */
  public OutboxRelay startRelay(EventStore store, String source) {
    OutboxRelay relay = new OutboxRelay(sessions, store, kafka, source);
    relays.add(relay);
    relay.start();
    return relay;
  }

  /** Starts a projection; the parameters are those of {@link KafkaProjector}. */
  public KafkaProjector startProjector(
      String name, Set<String> topics, Projection projection, Runnable afterCommit) {
    KafkaProjector projector =
        new KafkaProjector(sessions, name, topics, kafka, projection, afterCommit);
    projectors.add(projector);
    projector.start();
    return projector;
  }

  /** Starts listening to a NOTIFY channel of the database. */
  public NotificationListener startListener(String channel, Runnable signal) {
    NotificationListener listener = new NotificationListener(sessions, channel, signal);
    listeners.add(listener);
    listener.start();
    return listener;
  }

  List<KafkaProjector> projectors() {
    return projectors;
  }

  @PreDestroy
  void close() {
    projectors.forEach(KafkaProjector::close);
    relays.forEach(OutboxRelay::close);
    listeners.forEach(NotificationListener::close);
  }
}
