package io.openneg.edgeproxy.xds;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.warming.ServingConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an ADS stream to the control plane and hands on what can be served. While there is no
 * stream, everything stays as it is. All state is confined to one thread of its own; public methods
 * may be called from any thread.
 */
public final class AdsClient implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(AdsClient.class.getName());

  /** A control plane that is gone without a word is noticed after the sum of these. */
  private static final Duration KEEPALIVE_TIME = Duration.ofSeconds(30);

  private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(10);

  /** Fits 50 NEGs of 10,000 endpoints in one response. */
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private static final Duration BIND_RETRY = Duration.ofSeconds(1);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final Server server;
  private final Node node;
  private final Variant<?, ?> variant;
  private final Dataplane dataplane;
  private final XdsStats stats;
  private final ManagedChannel channel;
  private final ScheduledThreadPoolExecutor thread;
  private final Backoff backoff;
  private final XdsState state;
  private final Map<String, Future<?>> deadlines = new HashMap<>();
  private @Nullable AdsStream<?, ?> current;
  private boolean bindRetryScheduled;
  private @Nullable String lastFailure;
  private ServingConfig applied = ServingConfig.EMPTY;

  /** Where the control plane is. */
  public record Server(String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** Whom the configuration is for. Called from one thread only. */
  public interface Dataplane {

    /**
     * Puts a configuration into effect before it returns, except that listeners may start later.
     */
    void apply(ServingConfig config);

    /** Why an address cannot be listened on, or null when it can or already is. */
    @Nullable String bindProblem(IpPort address);
  }

  /** Which variant of the protocol is spoken. */
  public enum Protocol {
    /** What is new; the default, for what it saves on both sides. */
    DELTA,
    /** All there is of a type. */
    STATE_OF_THE_WORLD
  }

  /** Does nothing before {@link #start}. */
  public AdsClient(
      Server server,
      Protocol protocol,
      NodeIdentity identity,
      Dataplane dataplane,
      XdsStats stats) {
    this.server = server;
    this.node = identity.toNode();
    this.variant =
        switch (protocol) {
          case DELTA -> new Delta();
          case STATE_OF_THE_WORLD -> new StateOfTheWorld();
        };
    this.dataplane = dataplane;
    this.stats = stats;
    this.channel =
        NettyChannelBuilder.forAddress(server.host(), server.port())
            .usePlaintext()
            .keepAliveTime(KEEPALIVE_TIME.toSeconds(), TimeUnit.SECONDS)
            .keepAliveTimeout(KEEPALIVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .directExecutor()
            .build();
    this.thread =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("xds").daemon(true).factory());
    thread.setRemoveOnCancelPolicy(true);
    this.backoff = new Backoff(RandomGenerator.getDefault());
    this.state = new XdsState(dataplane::bindProblem);
  }

  /** Connects, and goes on trying until {@link #close}. */
  public void start() {
    run(this::connect);
  }

  /** Everything accepted so far. */
  public CompletableFuture<ConfigDump> dump() {
    return CompletableFuture.supplyAsync(() -> ConfigDump.of(state), thread);
  }

  /** What keeps listeners from being served. */
  public CompletableFuture<Progress> progress() {
    return CompletableFuture.supplyAsync(
        () -> new Progress(state.listenersTold(), Map.copyOf(state.coldListeners())), thread);
  }

  /**
   * How far the configuration has come.
   *
   * @param listenersTold whether LDS was ever answered
   * @param cold by name of the listener, why it cannot be served yet
   */
  public record Progress(boolean listenersTold, Map<String, String> cold) {}

  private void connect() {
    // The channel's own backoff knows nothing of ours and grows to minutes.
    channel.resetConnectBackoff();
    stats.streamOpened();
    AdsStream<?, ?> stream =
        AdsStream.open(
            variant,
            channel,
            node,
            (from, response) -> run(() -> onResponse(from, response)),
            (from, status) -> run(() -> onClosed(from, status)));
    current = stream;
    stream.send(state.onStreamOpened());
  }

  private void onResponse(AdsStream<?, ?> stream, XdsResponse response) {
    if (!stream.equals(current)) {
      return;
    }
    if (!stream.answered()) {
      stats.connected(true);
      lastFailure = null;
      LOG.log(INFO, "connected to the control plane at {0}", server);
    }
    finish(state.onResponse(response), ResourceType.ofTypeUrl(response.typeUrl()));
    // Only now: a response that cannot be digested must not be fetched over and over at full speed.
    backoff.reset();
    stream.next();
  }

  private void finish(XdsState.Outcome outcome, @Nullable ResourceType type) {
    ServingConfig serving = state.serving();
    if (!serving.equals(applied)) {
      dataplane.apply(serving);
      applied = serving;
    }
    if (outcome.rejected() != null) {
      stats.failed(outcome.rejected());
      LOG.log(WARNING, "NACK: {0}", outcome.rejected());
    }
    if (type != null) {
      stats.answered(type, outcome.rejected() == null);
    }
    if (current != null) {
      current.send(outcome.requests());
    }
    watchDeadlines();
    if (state.hasUnbound() && !bindRetryScheduled) {
      bindRetryScheduled = true;
      var _ =
          schedule(
              () -> {
                bindRetryScheduled = false;
                finish(state.retryUnbound(), null);
              },
              BIND_RETRY);
    }
  }

  private void watchDeadlines() {
    Map<String, Duration> awaited = state.awaitedAssignments();
    deadlines
        .entrySet()
        .removeIf(
            entry -> {
              boolean over = !awaited.containsKey(entry.getKey());
              return over && (entry.getValue().isDone() || entry.getValue().cancel(false));
            });
    awaited.forEach(
        (name, timeout) -> {
          if (!timeout.isZero() && !deadlines.containsKey(name)) {
            deadlines.put(name, schedule(() -> giveUp(name), timeout));
          }
        });
  }

  private void giveUp(String assignment) {
    LOG.log(WARNING, "no endpoints were sent for {0}; serving without them", assignment);
    finish(state.giveUp(assignment), null);
  }

  private void onClosed(AdsStream<?, ?> stream, Status status) {
    if (!stream.equals(current)) {
      return;
    }
    current = null;
    state.onStreamClosed();
    stats.connected(false);
    Duration delay = backoff.next();
    String error = describe(status);
    stats.failed(error);
    if (stream.answered()) {
      LOG.log(WARNING, "lost the control plane: {0}; everything stays as it is", error);
    } else if (!error.equals(lastFailure)) {
      LOG.log(INFO, "no control plane: {0}; will go on trying", error);
    }
    lastFailure = error;
    var _ = schedule(this::connect, delay);
  }

  private String describe(Status status) {
    Throwable cause = status.getCause();
    return "%s, %s%s%s"
        .formatted(
            server,
            status.getCode(),
            status.getDescription() == null ? "" : ", " + status.getDescription(),
            cause == null || cause.getMessage() == null ? "" : ", " + cause.getMessage());
  }

  private void run(Runnable task) {
    try {
      thread.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      // Closed; a stream may still have something to say.
      return;
    }
  }

  private Future<?> schedule(Runnable task, Duration delay) {
    return thread.schedule(guarded(task), delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A fault in one response must not end the conversation: the thread lives on. */
  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        if (!thread.isShutdown()) {
          LOG.log(WARNING, "a step of the xDS client failed", e);
          stats.failed(String.valueOf(e));
          AdsStream<?, ?> stream = current;
          if (stream != null) {
            stream.cancel(e);
          }
        }
      }
    };
  }

  /** Ends the stream and the attempts to get a new one; nothing is applied after it returns. */
  @Override
  public void close() {
    thread.shutdownNow();
    channel.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        LOG.log(WARNING, "the xDS client is still applying a configuration");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
