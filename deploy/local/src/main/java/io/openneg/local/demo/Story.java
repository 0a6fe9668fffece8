package io.openneg.local.demo;

import io.openneg.embedded.FreePorts;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.HealthState;
import io.openneg.local.client.Api;
import io.openneg.local.client.EdgeAdmin;
import io.openneg.local.client.EdgeAdmin.State;
import io.openneg.local.client.HttpLoadBalancer;
import io.openneg.local.client.HttpLoadBalancer.Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The main job, step by step, on a running system. */
final class Story implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DRAINING = Duration.ofSeconds(2);

  private final Api api;
  private final EdgeAdmin edge;
  private final Screen screen;
  private final Findings findings;
  private final int port = FreePorts.next();
  private final Traffic traffic = new Traffic(port);
  private final List<HttpBackend> backends = new ArrayList<>();
  private final HttpBackend a = backend("a");
  private final HttpBackend b = backend("b");
  private final HttpBackend c = backend("c");
  private final HttpLoadBalancer balancer;
  private final Panel panel;

  /**
   * Creates the whole chain through the public API and begins to send requests when the proxy
   * serves.
   */
  Story(Api api, EdgeAdmin edge, String zone, Screen screen, Findings findings) {
    this.api = api;
    this.edge = edge;
    this.screen = screen;
    this.findings = findings;
    step("Three backends, and the chain from the endpoint group to the forwarding rule");
    balancer =
        HttpLoadBalancer.create(
            api,
            zone,
            "web",
            port,
            backends.stream().map(HttpBackend::address).toList(),
            new HttpLoadBalancer.Check(HttpBackend.HEALTH_PATH, SECOND, 2),
            DRAINING);
    long answered = System.nanoTime();
    boolean allHealthy =
        backends.stream().map(backend -> await(backend, State.HEALTHY)).toList().stream()
            .map(CompletableFuture::join)
            .allMatch(Optional::isPresent);
    long healthy = System.nanoTime();
    boolean serving = Waiting.until(PATIENCE, () -> traffic.send("").join().ok());
    long first = System.nanoTime();
    findings.check(
        allHealthy && serving,
        "the chain made through the API serves",
        "http://127.0.0.1:%d, all healthy after %s".formatted(port, since(answered, healthy)));
    findings.timing(
        "chain complete (API's answer)", "all three healthy at the proxy", answered, healthy);
    findings.timing("", "first request served", answered, first);
    panel = new Panel(screen, traffic, edge, balancer.backendService(), backends);
    traffic.start();
  }

  void tell() {
    spread();
    pulse();
    kill();
    pulse();
    HttpBackend d = attach();
    pulse();
    detach();
    pulse();
    allUnhealthyAndBack(List.of(c, d));
    pulse();
  }

  private void spread() {
    step("Requests are spread");
    List<Traffic.Answer> answers = traffic.watch(Duration.ofSeconds(2));
    Map<String, Long> shares = Traffic.byBackend(answers);
    double third = answers.size() / 3.0;
    findings.check(
        allOk(answers) && !answers.isEmpty(),
        "every request is served",
        "%d of %d".formatted(answers.stream().filter(Traffic.Answer::ok).count(), answers.size()));
    findings.check(
        shares.size() == 3
            && shares.values().stream().allMatch(n -> Math.abs(n - third) < third * 0.25),
        "three endpoints share them evenly",
        shares.toString());
  }

  private void kill() {
    step("Backend b is killed");
    CompletableFuture<Optional<Long>> unhealthy = await(b, State.UNHEALTHY);
    long killed = System.nanoTime();
    b.kill();
    Optional<Long> flipped = unhealthy.join();
    findings.check(
        flipped.isPresent(),
        "the proxy is told that it is unhealthy",
        Findings.text(killed, flipped) + " after the kill");
    findings.check(
        isUnhealthyByRefusal(b.address()), "health-service says why", healthText(b.address()));
    if (flipped.isEmpty()) {
      return;
    }
    findings.timing("backend killed", "unhealthy at the proxy (2 probes)", killed, flipped.get());
    Waiting.pause(Duration.ofMillis(1500));
    long until = System.nanoTime();
    Waiting.until(PATIENCE, () -> traffic.sentSince(until).size() >= 3);
    List<Traffic.Answer> before = traffic.sentBetween(killed, flipped.get());
    List<Traffic.Answer> after = traffic.sentBetween(flipped.get(), until);
    Map<String, Long> shares = Traffic.byBackend(after);
    findings.check(
        allOk(after) && shares.keySet().equals(java.util.Set.of("a", "c")),
        "traffic moved, and no request after that failed",
        "%s; before it %d of %d failed"
            .formatted(
                shares, before.stream().filter(answer -> !answer.ok()).count(), before.size()));
  }

  private HttpBackend attach() {
    step("A fourth endpoint is attached");
    HttpBackend d = backend("d");
    panel.add(d);
    CompletableFuture<Optional<Long>> unprobed = await(d, State.UNHEALTHY);
    CompletableFuture<Optional<Long>> healthy = await(d, State.HEALTHY);
    long called = System.nanoTime();
    balancer.attach(List.of(d.address()));
    long answered = System.nanoTime();
    Optional<Long> verdict = healthy.join();
    // A proxy that knew it as healthy knew it; whichever state came first is when it got to know
    // it.
    Optional<Long> known = unprobed.isDone() ? unprobed.join() : verdict;
    Waiting.until(PATIENCE, () -> firstServedBy(d, called).isPresent());
    Optional<Long> served = firstServedBy(d, called);
    findings.check(
        within(answered, known, SECOND),
        "the proxy knows it within a second of the API's answer",
        Findings.text(answered, known));
    findings.check(
        verdict.isPresent() && within(verdict.get(), served, SECOND),
        "it gets traffic within a second of being found healthy",
        "healthy after %s, first request %s later"
            .formatted(
                Findings.text(answered, verdict),
                verdict.map(at -> Findings.text(at, served)).orElse("never")));
    findings.timing(
        "attach (API's answer)",
        "known to the proxy, not yet healthy",
        answered,
        known.orElse(answered));
    findings.timing("", "healthy at the proxy (2 probes)", answered, verdict.orElse(answered));
    findings.timing("", "first request served", answered, served.orElse(answered));
    return d;
  }

  private void detach() {
    step("Endpoint a is detached while it works on slow requests");
    List<CompletableFuture<Traffic.Answer>> slow =
        IntStream.range(0, 9).mapToObj(i -> traffic.send("slow")).toList();
    boolean busy = Waiting.until(PATIENCE, () -> a.slowInProgress() > 0);
    CompletableFuture<Optional<Long>> draining = await(a, State.DRAINING);
    long called = System.nanoTime();
    balancer.detach(List.of(a.address()));
    long answered = System.nanoTime();
    Optional<Long> told = draining.join();
    Optional<Long> gone = await(a, State.ABSENT).join();
    List<Traffic.Answer> slowAnswers = slow.stream().map(CompletableFuture::join).toList();
    long finished =
        slowAnswers.stream().filter(answer -> answer.ok() && answer.backend().equals("a")).count();
    findings.check(
        within(answered, told, SECOND),
        "the proxy drains it within a second of the API's answer",
        Findings.text(answered, told));
    findings.check(
        busy && allOk(slowAnswers) && finished > 0,
        "requests in flight there were finished",
        "%d of %d slow ones by a, all with 200".formatted(finished, slowAnswers.size()));
    List<Traffic.Answer> since = traffic.sentSince(called);
    long late =
        told.isEmpty()
            ? since.size()
            : traffic.sentSince(told.get()).stream()
                .filter(answer -> answer.backend().equals("a"))
                .count();
    findings.check(
        allOk(since) && late == 0,
        "no new request went there, and none failed",
        Traffic.byBackend(since).toString());
    findings.check(
        gone.isPresent() && gone.get() - answered >= DRAINING.minusMillis(200).toNanos(),
        "it is gone after the draining timeout of %d s".formatted(DRAINING.toSeconds()),
        Findings.text(answered, gone));
    findings.timing(
        "detach (API's answer)", "draining at the proxy", answered, told.orElse(answered));
    findings.timing("", "gone from the proxy", answered, gone.orElse(answered));
  }

  private void allUnhealthyAndBack(List<HttpBackend> left) {
    step("All that are left say they are out of order, and recover");
    long sick = System.nanoTime();
    left.forEach(backend -> backend.setHealthy(false));
    boolean allFlipped = all(left, State.UNHEALTHY);
    long flipped = System.nanoTime();
    List<Traffic.Answer> answers = traffic.watch(SECOND);
    findings.check(
        allFlipped
            && !answers.isEmpty()
            && answers.stream().allMatch(answer -> answer.status() == 502),
        "without a healthy endpoint every request gets 502",
        answers.stream()
            .collect(Collectors.groupingBy(Traffic.Answer::status, Collectors.counting()))
            .toString());
    findings.timing(
        "health path answers 503", "all unhealthy at the proxy (2 probes)", sick, flipped);
    long well = System.nanoTime();
    left.forEach(backend -> backend.setHealthy(true));
    boolean allBack = all(left, State.HEALTHY);
    long back = System.nanoTime();
    List<Traffic.Answer> again = traffic.watch(SECOND);
    findings.check(
        allBack && !again.isEmpty() && allOk(again),
        "when they are healthy again every request is served",
        Traffic.byBackend(again).toString());
    findings.timing("health path answers 200", "all healthy at the proxy (2 probes)", well, back);
  }

  private void step(String title) {
    screen.say("");
    screen.say(screen.tint(Screen.Tone.TITLE, title));
  }

  /** Where there is no live view, a line says what it would show. */
  private void pulse() {
    if (!screen.isLive()) {
      screen.say(panel.line());
    }
  }

  private HttpBackend backend(String name) {
    var backend = new HttpBackend(name);
    backends.add(backend);
    return backend;
  }

  private CompletableFuture<Optional<Long>> await(HttpBackend backend, State state) {
    return edge.await(balancer.backendService(), backend.address().toString(), state, PATIENCE);
  }

  private boolean all(List<HttpBackend> which, State state) {
    return which.stream().map(backend -> await(backend, state)).toList().stream()
        .map(CompletableFuture::join)
        .allMatch(Optional::isPresent);
  }

  private Optional<Long> firstServedBy(HttpBackend backend, long since) {
    return traffic.sentSince(since).stream()
        .filter(answer -> answer.ok() && answer.backend().equals(backend.name()))
        .map(Traffic.Answer::answered)
        .min(Long::compare);
  }

  private boolean isUnhealthyByRefusal(Address address) {
    return Waiting.until(
        SECOND,
        () ->
            health(address)
                .filter(
                    found ->
                        found.getState() == HealthState.UNHEALTHY
                            && !found.getProbeText().isEmpty())
                .isPresent());
  }

  private String healthText(Address address) {
    return health(address)
        .map(
            found ->
                "%s %s: %s".formatted(found.getState(), found.getReason(), found.getProbeText()))
        .orElse("it does not know the endpoint");
  }

  private Optional<EndpointHealth> health(Address address) {
    return api
        .health()
        .getHealth(
            GetHealthRequest.newBuilder().setBackendService(balancer.backendService()).build())
        .getEndpointHealthList()
        .stream()
        .filter(
            found -> found.getIpAddress().equals(address.ip()) && found.getPort() == address.port())
        .findFirst();
  }

  private static boolean allOk(List<Traffic.Answer> answers) {
    return answers.stream().allMatch(Traffic.Answer::ok);
  }

  private static boolean within(long begin, Optional<Long> end, Duration limit) {
    return end.filter(at -> at - begin <= limit.toNanos()).isPresent();
  }

  private static String since(long begin, long end) {
    return Findings.text(Duration.ofNanos(end - begin));
  }

  @Override
  public void close() {
    panel.close();
    traffic.close();
    backends.forEach(HttpBackend::close);
  }
}
