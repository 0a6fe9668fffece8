package io.openneg.local.demo;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Requests at a constant rate, whatever becomes of them, and a record of each. Thread-safe. */
final class Traffic implements AutoCloseable {
  static final int PER_SECOND = 100;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final URI target;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
  private final Collection<Answer> answers = new ConcurrentLinkedQueue<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  /**
   * What became of one request.
   *
   * @param sent by {@link System#nanoTime()}
   * @param answered likewise
   * @param status 0: there was no answer
   * @param backend which one answered; empty when none did
   */
  record Answer(long sent, long answered, int status, String backend) {
    boolean ok() {
      return status == 200;
    }
  }

  Traffic(int port) {
    target = URI.create("http://127.0.0.1:" + port + "/");
  }

  /** Begins to send. */
  void start() {
    var _ =
        clock.scheduleAtFixedRate(
            () -> {
              inFlight.incrementAndGet();
              var _ =
                  send("")
                      .thenAccept(
                          answer -> {
                            answers.add(answer);
                            inFlight.decrementAndGet();
                          });
            },
            0,
            1_000_000_000L / PER_SECOND,
            TimeUnit.NANOSECONDS);
  }

  /** One request beside the constant ones, not recorded with them. */
  CompletableFuture<Answer> send(String path) {
    long sent = System.nanoTime();
    var request = HttpRequest.newBuilder(target.resolve("/" + path)).timeout(TIMEOUT).build();
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.discarding())
        .handle(
            (response, failure) ->
                failure != null
                    ? new Answer(sent, System.nanoTime(), 0, "")
                    : new Answer(
                        sent,
                        System.nanoTime(),
                        response.statusCode(),
                        response.headers().firstValue(HttpBackend.NAME_HEADER).orElse("")));
  }

  /** The answers to what was sent from then on, as far as they have come. */
  List<Answer> sentSince(long nanoTime) {
    return answers.stream().filter(answer -> answer.sent() - nanoTime >= 0).toList();
  }

  List<Answer> sentBetween(long from, long to) {
    return answers.stream()
        .filter(answer -> answer.sent() - from >= 0 && answer.sent() - to < 0)
        .toList();
  }

  /** Keeps sending for that long, then gives what was sent in that time and answered. */
  List<Answer> watch(Duration duration) {
    long from = System.nanoTime();
    Waiting.pause(duration);
    long to = System.nanoTime();
    // What was sent last may still be under way.
    Waiting.until(TIMEOUT, () -> sentSince(to).size() >= 3);
    return sentBetween(from, to);
  }

  long count(Predicate<Answer> which) {
    return answers.stream().filter(which).count();
  }

  /** Answers by the backend that gave them, those with 200 only. */
  static Map<String, Long> byBackend(List<Answer> answers) {
    return answers.stream()
        .filter(Answer::ok)
        .collect(Collectors.groupingBy(Answer::backend, TreeMap::new, Collectors.counting()));
  }

  @Override
  public void close() {
    clock.shutdownNow();
    client.shutdownNow();
  }
}
