package io.openneg.edgeproxy.xds;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.warming.ServingConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
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

  private final Server server;
  private final NodeIdentity identity;
  private final Dataplane dataplane;
  private final XdsStats stats;
  private final ManagedChannel channel;
  private final ScheduledThreadPoolExecutor thread;
  private final Backoff backoff;
  private final XdsState state;
  private final Map<String, Future<?>> deadlines = new HashMap<>();
  private @Nullable Stream current;
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

  /** Does nothing before {@link #start}. */
  public AdsClient(Server server, NodeIdentity identity, Dataplane dataplane, XdsStats stats) {
    this.server = server;
    this.identity = identity;
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
    Stream stream = new Stream();
    current = stream;
    stats.streamOpened();
    var _ = AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(stream);
    stream.send(state.onStreamOpened());
  }

  private void onResponse(Stream stream, DiscoveryResponse response) {
    if (stream != current) {
      return;
    }
    if (!stream.answered) {
      stream.answered = true;
      stats.connected(true);
      lastFailure = null;
      LOG.log(INFO, "connected to the control plane at {0}", server);
    }
    finish(state.onResponse(response), ResourceType.ofTypeUrl(response.getTypeUrl()));
    // Only now: a response that cannot be digested must not be fetched again and again at full
    // speed.
    backoff.reset();
    stream.requests().request(1);
  }

  private void finish(XdsState.Outcome outcome, @Nullable ResourceType type) {
    ServingConfig serving = state.serving();
    if (!serving.equals(applied)) {
      applied = serving;
      dataplane.apply(serving);
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

  private void onClosed(Stream stream, Status status) {
    if (stream != current) {
      return;
    }
    current = null;
    state.onStreamClosed();
    stats.connected(false);
    Duration delay = backoff.next();
    String error = describe(status);
    stats.failed(error);
    if (stream.answered) {
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
        LOG.log(WARNING, "a step of the xDS client failed", e);
        stats.failed(String.valueOf(e));
        Stream stream = current;
        if (stream != null) {
          stream.abandon(e);
        }
      }
    };
  }

  /** Ends the stream and the attempts to get a new one. */
  @Override
  public void close() {
    thread.shutdownNow();
    channel.shutdownNow();
  }

  /** One stream; its callbacks come on gRPC's threads and are handed over. */
  private final class Stream
      implements ClientResponseObserver<DiscoveryRequest, DiscoveryResponse> {

    private @Nullable ClientCallStreamObserver<DiscoveryRequest> requests;
    private boolean nodeSent;
    private boolean answered;

    @Override
    public void beforeStart(ClientCallStreamObserver<DiscoveryRequest> requestStream) {
      requests = requestStream;
      // One response at a time: while one is applied, the server may merge the next ones.
      requestStream.disableAutoRequestWithInitial(1);
    }

    private ClientCallStreamObserver<DiscoveryRequest> requests() {
      ClientCallStreamObserver<DiscoveryRequest> stream = requests;
      if (stream == null) {
        throw new IllegalStateException("not started");
      }
      return stream;
    }

    private void send(List<DiscoveryRequest> messages) {
      for (DiscoveryRequest message : messages) {
        if (nodeSent) {
          requests().onNext(message);
        } else {
          nodeSent = true;
          requests().onNext(message.toBuilder().setNode(identity.toNode()).build());
        }
      }
    }

    private void abandon(RuntimeException cause) {
      requests().cancel("internal error", cause);
    }

    @Override
    public void onNext(DiscoveryResponse response) {
      run(() -> onResponse(this, response));
    }

    @Override
    public void onError(Throwable t) {
      run(() -> onClosed(this, Status.fromThrowable(t)));
    }

    @Override
    public void onCompleted() {
      run(() -> onClosed(this, Status.UNAVAILABLE.withDescription("the server ended the stream")));
    }
  }
}
