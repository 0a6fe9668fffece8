package io.openneg.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.openneg.embedded.FreePorts;
import io.openneg.local.client.HttpLoadBalancer;
import io.openneg.local.client.HttpLoadBalancer.Check;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The hazard: what is done every day, replacing all endpoints or restarting a service, costs a
 * request. HTTP by the edge proxy and gRPC without a proxy, both all the time.
 */
class NoFailedRequestIT {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final List<Component> SERVICES =
      List.of(Component.NEG, Component.BACKEND, Component.HEALTH, Component.PROXY_CONFIG);

  /** Both load balancers with a backend each, and traffic to them. */
  private static final class Both implements AutoCloseable {
    private final LocalSystem system = TestSystem.shared();
    private final HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpLoadBalancer http;
    private final GrpcLoadBalancer grpc;
    private final ManagedChannel channel;
    private final Traffic httpTraffic;
    private final Traffic grpcTraffic;

    Both(String id, HttpBackend httpBackend, GrpcBackend grpcBackend) throws Exception {
      int port = FreePorts.next();
      http =
          HttpLoadBalancer.create(
              system.api(),
              "lab-a",
              id,
              port,
              List.of(httpBackend.address()),
              new Check("/", Duration.ofSeconds(1), 2),
              Duration.ofSeconds(5));
      grpc = GrpcLoadBalancer.create(system.api(), id + "-grpc", grpcBackend);
      channel = GrpcLoadBalancer.dial(system, id + "-grpc");
      await().atMost(SOON).ignoreExceptions().until(() -> !HttpBackend.get(client, port).isEmpty());
      await().atMost(SOON).ignoreExceptions().until(() -> !GrpcBackend.who(channel).isEmpty());
      httpTraffic = Traffic.start(() -> HttpBackend.get(client, port));
      grpcTraffic = Traffic.start(() -> GrpcBackend.who(channel));
    }

    /** The last fifty answers of both came from these alone. */
    void awaitOnly(String... names) {
      for (Traffic traffic : List.of(httpTraffic, grpcTraffic)) {
        await()
            .atMost(SOON)
            .until(
                () ->
                    traffic.latest().size() == 50
                        && Set.copyOf(traffic.latest()).equals(Set.of(names)));
      }
    }

    void awaitMore(int answers) {
      for (Traffic traffic : List.of(httpTraffic, grpcTraffic)) {
        long before = traffic.answered();
        await().atMost(SOON).until(() -> traffic.answered() > before + answers);
      }
    }

    void nothingFailed() {
      assertThat(httpTraffic.failures()).as("HTTP").isEmpty();
      assertThat(grpcTraffic.failures()).as("gRPC").isEmpty();
    }

    @Override
    public void close() {
      httpTraffic.close();
      grpcTraffic.close();
      channel.shutdownNow();
      client.close();
    }
  }

  @Test
  void replacingAllEndpointsOneAfterTheOtherFailsNoRequest() throws Exception {
    HttpBackend oldHttp = HttpBackend.start("generation-0");
    GrpcBackend oldGrpc = GrpcBackend.start("generation-0");
    try (Both both = new Both("rolling", oldHttp, oldGrpc)) {
      for (int generation = 1; generation <= 3; generation++) {
        String name = "generation-" + generation;
        HttpBackend newHttp = HttpBackend.start(name);
        GrpcBackend newGrpc = GrpcBackend.start(name);
        both.http.attach(List.of(newHttp.address()));
        both.grpc.attach(newGrpc);
        both.awaitOnly("generation-" + (generation - 1), name);

        both.http.detach(List.of(oldHttp.address()));
        String token = both.grpc.detach(oldGrpc);
        assertThat(both.grpc.converge(token).getConverged()).isTrue();
        both.awaitOnly(name);
        oldHttp.close();
        oldGrpc.close();
        both.awaitMore(100);
        both.nothingFailed();
        oldHttp = newHttp;
        oldGrpc = newGrpc;
      }
    } finally {
      oldHttp.close();
      oldGrpc.close();
    }
  }

  @Test
  void restartingEveryServiceInTurnFailsNoRequestAndChangesGoOn() throws Exception {
    try (HttpBackend http = HttpBackend.start("first");
        GrpcBackend grpc = GrpcBackend.start("first");
        HttpBackend laterHttp = HttpBackend.start("later");
        GrpcBackend laterGrpc = GrpcBackend.start("later");
        Both both = new Both("restarts", http, grpc)) {
      for (Component service : SERVICES) {
        both.system.process(service).kill();
        both.awaitMore(50);
        both.system.process(service).restart();
        both.awaitMore(50);
        both.nothingFailed();
      }
      both.http.attach(List.of(laterHttp.address()));
      both.grpc.attach(laterGrpc);
      both.awaitOnly("first", "later");
      both.nothingFailed();
    }
  }
}
