package io.openneg.edgeproxy.testing;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.openneg.edgeproxy.config.ResourceType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An ADS server that does what a test tells it to, and remembers every request of every stream. It
 * can be stopped and started again on its port.
 *
 * <p>On a delta stream, {@link #send} sends what differs from what it sent before, and {@link
 * #received} has the requests as state of the world would have them, beside {@link #deltas} as they
 * came.
 */
public final class ScriptedAds implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final List<Received> received = new ArrayList<>();
  private @Nullable Server server;
  private final List<DeltaDiscoveryRequest> deltas = new ArrayList<>();
  private @Nullable StreamObserver<DiscoveryResponse> stream;
  private @Nullable StreamObserver<DeltaDiscoveryResponse> deltaStream;
  private ScriptedDelta delta = new ScriptedDelta();
  private int streams;
  private int nonces;
  private int port;

  /** A request, and which stream it came on, counted from 1. */
  public record Received(int stream, DiscoveryRequest request) {}

  public ScriptedAds() {
    start();
  }

  /** Starts on the port it had before, if there was one. */
  public synchronized void start() {
    try {
      Server started =
          NettyServerBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
              .addService(new Service())
              .permitKeepAliveTime(1, TimeUnit.SECONDS)
              .directExecutor()
              .build()
              .start();
      server = started;
      port = started.getPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends all streams and stops to listen. */
  public void stop() {
    Server running;
    synchronized (this) {
      running = server;
      server = null;
      stream = null;
      deltaStream = null;
    }
    if (running != null) {
      running.shutdownNow();
      try {
        running.awaitTermination();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  public synchronized int port() {
    return port;
  }

  /** Sends on the newest stream. */
  public synchronized String send(ResourceType type, String version, Message... resources) {
    StreamObserver<DiscoveryResponse> current = stream;
    if (deltaStream != null) {
      String deltaNonce = "nonce-" + ++nonces;
      deltaStream.onNext(delta.response(type, version, deltaNonce, List.of(resources)));
      return deltaNonce;
    }
    if (current == null) {
      throw new IllegalStateException("no stream");
    }
    String nonce = "nonce-" + ++nonces;
    DiscoveryResponse.Builder response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(version)
            .setNonce(nonce);
    for (Message resource : resources) {
      response.addResources(resource instanceof Any any ? any : Any.pack(resource));
    }
    current.onNext(response.build());
    return nonce;
  }

  /** Sends on the newest stream, a delta one, as it is. */
  public synchronized String sendDelta(DeltaDiscoveryResponse.Builder response) {
    StreamObserver<DeltaDiscoveryResponse> current = deltaStream;
    if (current == null) {
      throw new IllegalStateException("no delta stream");
    }
    String nonce = "nonce-" + ++nonces;
    current.onNext(response.setNonce(nonce).build());
    return nonce;
  }

  /** Waits for a request on any delta stream. */
  public DeltaDiscoveryRequest awaitDelta(
      ResourceType type, Predicate<DeltaDiscoveryRequest> condition) {
    return awaitUntil(
        () ->
            deltas.stream()
                .filter(request -> request.getTypeUrl().equals(type.typeUrl()))
                .filter(condition)
                .findFirst()
                .orElse(null),
        () -> "no such " + type + " among " + deltas());
  }

  /** Every request on a delta stream so far. */
  public synchronized List<DeltaDiscoveryRequest> deltas() {
    return List.copyOf(deltas);
  }

  /** Ends the newest stream as a server does that is about to stop. */
  public synchronized void endStream() {
    if (stream != null) {
      stream.onCompleted();
      stream = null;
    }
    if (deltaStream != null) {
      deltaStream.onCompleted();
      deltaStream = null;
    }
  }

  /** Waits for a request on the newest stream, an earlier one too. */
  public DiscoveryRequest await(ResourceType type, Predicate<DiscoveryRequest> condition) {
    return awaitOn(0, type, condition);
  }

  /** Waits for a request on a stream with that number or a higher one; 0: on the newest. */
  public DiscoveryRequest awaitOn(
      int minStream, ResourceType type, Predicate<DiscoveryRequest> condition) {
    return awaitUntil(
        () -> find(minStream, type, condition), () -> "no such " + type + " among " + received());
  }

  private @Nullable DiscoveryRequest find(
      int minStream, ResourceType type, Predicate<DiscoveryRequest> condition) {
    int first = minStream == 0 ? streams : minStream;
    for (Received candidate : received) {
      DiscoveryRequest request = candidate.request();
      if (candidate.stream() >= first
          && request.getTypeUrl().equals(type.typeUrl())
          && condition.test(request)) {
        return request;
      }
    }
    return null;
  }

  /** Waits for the answer to a response. */
  public DiscoveryRequest awaitAnswer(ResourceType type, String nonce) {
    return await(type, request -> request.getResponseNonce().equals(nonce));
  }

  /** Waits for a stream with that number, counted from 1. */
  public void awaitStream(int number) {
    var _ = awaitUntil(() -> streams >= number ? true : null, () -> "no stream " + number);
  }

  private synchronized <T> T awaitUntil(Supplier<@Nullable T> lookup, Supplier<String> otherwise) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    T found = lookup.get();
    while (found == null) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError(otherwise.get());
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
      found = lookup.get();
    }
    return found;
  }

  /** Every request so far. */
  public synchronized List<Received> received() {
    return List.copyOf(received);
  }

  public synchronized int streams() {
    return streams;
  }

  @Override
  public void close() {
    stop();
  }

  private synchronized int opened(
      @Nullable StreamObserver<DiscoveryResponse> whole,
      @Nullable StreamObserver<DeltaDiscoveryResponse> changes) {
    stream = whole;
    deltaStream = changes;
    delta = new ScriptedDelta();
    streams++;
    notifyAll();
    return streams;
  }

  private synchronized void record(int number, DiscoveryRequest request) {
    received.add(new Received(number, request));
    notifyAll();
  }

  private synchronized void record(int number, DeltaDiscoveryRequest request) {
    deltas.add(request);
    received.add(new Received(number, delta.whole(request)));
    notifyAll();
  }

  private final class Service
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DiscoveryRequest> streamAggregatedResources(
        StreamObserver<DiscoveryResponse> responses) {
      int number = opened(responses, null);
      return requests(request -> record(number, request), responses);
    }

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      int number = opened(null, responses);
      return requests(request -> record(number, request), responses);
    }

    private <Q> StreamObserver<Q> requests(Consumer<Q> recorder, StreamObserver<?> responses) {
      return new StreamObserver<>() {
        @Override
        public void onNext(Q request) {
          recorder.accept(request);
        }

        @Override
        public void onError(Throwable t) {
          // The client went; a test that cares sees it by the next stream.
        }

        @Override
        public void onCompleted() {
          responses.onCompleted();
        }
      };
    }
  }
}
