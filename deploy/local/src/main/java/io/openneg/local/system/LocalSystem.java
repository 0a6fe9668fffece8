package io.openneg.local.system;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.openneg.embedded.ChildProcess;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.KafkaBroker;
import io.openneg.embedded.PostgresServer;
import io.openneg.embedded.ServerSettings;
import io.openneg.local.client.Api;
import io.openneg.local.client.EdgeAdmin;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The whole system as processes beside this JVM: PostgreSQL, Kafka, the four services and an edge
 * proxy. Thread-safe.
 *
 * <p>The processes are the ones that a container deployment runs, with the same settings in their
 * environment.
 */
public final class LocalSystem implements AutoCloseable {
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

  /** A process that ran well for this long may start again soon, however often it failed before. */
  private static final Duration STABLE = Duration.ofSeconds(60);

  private final SystemSettings settings;
  private final SystemListener listener;
  private final Home home;
  private final Map<Component, SystemProcess> processes = new EnumMap<>(Component.class);
  private final List<SystemProcess> replicas = new CopyOnWriteArrayList<>();
  private final Map<Component, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final RestartingSupervisor supervisor = new RestartingSupervisor();
  private volatile boolean started;
  private volatile boolean closed;

  /**
   * Takes the home directory and checks the ports; starts nothing yet.
   *
   * @throws PortTakenException when a port cannot be had
   * @throws IllegalStateException when another process runs a system in that home
   */
  public LocalSystem(SystemSettings settings, SystemListener listener) {
    this.settings = settings;
    this.listener = listener;
    home = Home.take(settings.home());
    try {
      settings.ports().requireFree();
    } catch (PortTakenException e) {
      home.close();
      throw e;
    }
    for (Component component : Component.values()) {
      processes.put(
          component,
          new SystemProcess(
              component,
              settings.ports().of(component),
              home.logFile(component),
              launcher(component),
              supervisor));
    }
  }

  /**
   * Starts a system and waits until all of it is ready.
   *
   * @throws io.openneg.embedded.ServerStartException when a process does not get ready, with its
   *     last log lines; nothing is left running then
   */
  public static LocalSystem start(SystemSettings settings) {
    var system = new LocalSystem(settings, SystemListener.NONE);
    system.start();
    return system;
  }

  /** As {@link #start(SystemSettings)}, for a system made by the constructor. */
  public void start() {
    try {
      home.writeState(settings.ports());
      startAll(component -> !component.isOurs());
      startAll(Component::isService);
      // Last, since it would only compete with what it waits for, and back off meanwhile.
      startAll(component -> component == Component.EDGE);
      started = true;
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  public SystemProcess process(Component component) {
    return Objects.requireNonNull(processes.get(component));
  }

  /**
   * Starts one more process of a service, which shares the data of the first, and waits until it is
   * ready. It is on a free port and stops with the system.
   *
   * @param environment over what the first one is started with
   * @throws io.openneg.embedded.ServerStartException as {@link SystemProcess#awaitReady()}
   */
  public SystemProcess startReplica(Component service, Map<String, String> environment) {
    if (!service.isService()) {
      throw new IllegalArgumentException(service.label() + " has no replicas");
    }
    SystemProcess replica;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException(service.label() + ": the system is closed");
      }
      int number = replicas.size() + 2;
      int port = FreePorts.next();
      var settled = new HashMap<>(ProcessEnvironment.of(service, settings, home.secretsKey()));
      settled.put("OPENNEG_PORT", Integer.toString(port));
      settled.putAll(environment);
      Path log = home.logFile(service, number);
      replica =
          new SystemProcess(
              service,
              port,
              log,
              jvmLauncher(service, settled, log, home.pidFile(service, number)),
              supervisor);
      replicas.add(replica);
    }
    replica.start();
    replica.awaitReady();
    return replica;
  }

  /** All processes but replicas, in the order in which they are started. */
  public Collection<SystemProcess> processes() {
    return Collections.unmodifiableCollection(processes.values());
  }

  public Ports ports() {
    return settings.ports();
  }

  /** Where data, logs and state are. */
  public Path home() {
    return home.path();
  }

  /** Where the processes log, one file each. */
  public Path logs() {
    return home.path().resolve("logs");
  }

  /** A channel to a service, the same one for every call; it closes with the system. */
  public ManagedChannel channel(Component service) {
    if (!service.isService()) {
      throw new IllegalArgumentException(service.label() + " does not speak gRPC");
    }
    return channels.computeIfAbsent(
        service,
        c ->
            ManagedChannelBuilder.forAddress("127.0.0.1", settings.ports().of(c))
                .usePlaintext()
                .maxInboundMessageSize(16 * 1024 * 1024)
                .build());
  }

  /** The public API of all services. */
  public Api api() {
    return new Api(
        channel(Component.NEG),
        channel(Component.BACKEND),
        channel(Component.HEALTH),
        channel(Component.PROXY_CONFIG));
  }

  /** The edge proxy's admin interface. */
  public EdgeAdmin edgeAdmin() {
    return new EdgeAdmin(settings.ports().of(Component.EDGE));
  }

  /** Stops everything: first what takes requests, last what keeps data. Idempotent. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    channels.values().forEach(ManagedChannel::shutdownNow);
    Consumer<SystemProcess> end =
        process -> {
          if (home.isTemporary() && process.component().isOurs()) {
            process.kill();
          }
          process.close();
        };
    replicas.forEach(end);
    inParallel(component -> component == Component.EDGE, end);
    inParallel(Component::isService, end);
    inParallel(component -> !component.isOurs(), end);
    home.close();
  }

  private void startAll(Predicate<Component> which) {
    inParallel(
        which,
        process -> {
          long begin = System.nanoTime();
          process.start();
          process.awaitReady();
          report(() -> listener.ready(process.component(), since(begin)));
        });
  }

  /** Does it to each; the first failure is thrown at once, without waiting for the others. */
  private void inParallel(Predicate<Component> which, Consumer<SystemProcess> action) {
    List<SystemProcess> chosen =
        Arrays.stream(Component.values()).filter(which).map(this::process).toList();
    var executor = Executors.newVirtualThreadPerTaskExecutor();
    try {
      var results = new ExecutorCompletionService<Void>(executor);
      chosen.forEach(process -> results.submit(() -> action.accept(process), null));
      for (int i = 0; i < chosen.size(); i++) {
        results.take().get();
      }
      executor.close();
    } catch (ExecutionException e) {
      executor.shutdownNow();
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private final class RestartingSupervisor implements SystemProcess.Supervisor {
    private final Map<Component, Duration> backoffs = new ConcurrentHashMap<>();

    @Override
    public boolean startsAgain() {
      return started && settings.supervised() && !closed;
    }

    @Override
    public void readyAgain(SystemProcess process) {
      ManagedChannel channel = channels.get(process.component());
      if (channel != null) {
        // It would otherwise sit out a pause that grew with every failed attempt.
        channel.resetConnectBackoff();
      }
    }

    @Override
    public void ended(SystemProcess process, int exitCode) {
      Component component = process.component();
      String what = "ended with exit code %d".formatted(exitCode);
      if (process.age().compareTo(STABLE) > 0) {
        backoffs.remove(component);
      }
      while (startsAgain() && process.isWanted()) {
        Duration pause = backoffs.getOrDefault(component, FIRST_BACKOFF);
        backoffs.put(component, min(pause.multipliedBy(2), LONGEST_BACKOFF));
        String event = what;
        report(() -> listener.died(component, event, process.lastLogLines(10), pause));
        LockSupport.parkNanos(pause.toNanos());
        if (!startsAgain() || !process.isWanted()) {
          return;
        }
        try {
          long begin = System.nanoTime();
          process.start();
          process.awaitReady();
          readyAgain(process);
          report(() -> listener.ready(component, since(begin)));
          return;
        } catch (RuntimeException e) {
          if (process.isAlive()) {
            // Up, but not ready because of something else; it stays and may get there.
            return;
          }
          what = "could not be started again: " + e.getMessage();
        }
      }
    }
  }

  private void report(Runnable event) {
    synchronized (listener) {
      event.run();
    }
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private Launcher launcher(Component component) {
    return switch (component) {
      case POSTGRES -> new PostgresLauncher();
      case KAFKA -> new KafkaLauncher();
      case NEG, BACKEND, HEALTH, PROXY_CONFIG, EDGE ->
          jvmLauncher(
              component,
              ProcessEnvironment.of(component, settings, home.secretsKey()),
              home.logFile(component),
              home.pidFile(component));
    };
  }

  private Launcher jvmLauncher(
      Component component, Map<String, String> environment, Path logFile, Path pidFile) {
    return new JvmLauncher(
        new ChildProcess.Command(
            component.label(),
            settings.programs().command(component),
            environment,
            logFile,
            pidFile));
  }

  private ServerSettings serverSettings(Component component) {
    return ServerSettings.keptIn(home.dataDirectory(component))
        .withPort(settings.ports().of(component))
        .withLogFile(home.logFile(component))
        .withDurable(settings.durable());
  }

  private final class PostgresLauncher implements Launcher {
    private @Nullable PostgresServer server;

    @Override
    public ChildProcess launch() {
      if (server == null) {
        server = PostgresServer.start(serverSettings(Component.POSTGRES));
      } else {
        server.restart();
      }
      for (Component component : Component.values()) {
        if (component.isService()) {
          server.createDatabase(component.database(), ProcessEnvironment.DATABASE_PASSWORD);
        }
      }
      return server.process();
    }

    @Override
    public void stop() {
      if (server != null) {
        server.stop();
      }
    }
  }

  private final class KafkaLauncher implements Launcher {
    private @Nullable KafkaBroker broker;

    @Override
    public ChildProcess launch() {
      if (broker == null) {
        broker = KafkaBroker.start(serverSettings(Component.KAFKA));
      } else {
        broker.restart();
      }
      return broker.process();
    }

    @Override
    public void stop() {
      if (broker != null) {
        broker.stop();
      }
    }
  }
}
