package io.openneg.healthservice.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.openneg.embedded.FreePorts;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.Recipes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The gRPC health protocol, against grpc-java's own server. */
class GrpcProbeTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final Probes PROBES = new Probes();

  private final List<Server> servers = new ArrayList<>();

  @AfterAll
  static void close() {
    PROBES.close();
  }

  @AfterEach
  void stop() {
    servers.forEach(Server::shutdownNow);
  }

  private int serve(BindableService... services) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    for (BindableService service : services) {
      builder.addService(service);
    }
    Server server = builder.build().start();
    servers.add(server);
    return server.getPort();
  }

  @Test
  void servingIsSuccessOfTheServerAndOfEachService() throws Exception {
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus("shop.Cart", ServingStatus.NOT_SERVING);
    int port = serve(health.getHealthService());

    assertThat(PROBES.probe(port, Recipes.grpc(""), LONG))
        .isEqualTo(ProbeEnd.success("the server answers SERVING"));
    assertThat(PROBES.probe(port, Recipes.grpc("shop.Cart"), LONG))
        .isEqualTo(ProbeEnd.failure(ProbeReason.GRPC_STATUS, "the server answers NOT_SERVING"));
    health.setStatus("shop.Cart", ServingStatus.SERVING);
    assertThat(PROBES.probe(port, Recipes.grpc("shop.Cart"), LONG).reason())
        .isEqualTo(ProbeReason.SUCCESS);
  }

  @Test
  void anyOtherStatusIsTold() throws Exception {
    int knowsNothing = serve(new HealthStatusManager().getHealthService());
    int withoutHealth = serve();

    assertThat(PROBES.probe(knowsNothing, Recipes.grpc("shop.Cart"), LONG))
        .satisfies(end -> assertThat(end.reason()).isEqualTo(ProbeReason.GRPC_STATUS))
        .satisfies(end -> assertThat(end.text()).startsWith("gRPC status 5 NOT_FOUND"));
    assertThat(PROBES.probe(withoutHealth, Recipes.grpc(""), LONG))
        .satisfies(end -> assertThat(end.reason()).isEqualTo(ProbeReason.GRPC_STATUS))
        .satisfies(end -> assertThat(end.text()).startsWith("gRPC status 12 UNIMPLEMENTED"));
  }

  /** Answers with a status, or not at all. */
  private static BindableService answering(Status status) {
    return new HealthGrpc.HealthImplBase() {
      @Override
      public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> response) {
        if (!status.isOk()) {
          response.onError(status.asRuntimeException());
        }
      }
    };
  }

  @Test
  void silenceIsATimeout() throws Exception {
    int silent = serve(answering(Status.OK));
    int failing = serve(answering(Status.UNAVAILABLE.withDescription("shutting down")));

    assertThat(PROBES.probe(silent, Recipes.grpc(""), SHORT).reason())
        .isEqualTo(ProbeReason.TIMEOUT);
    assertThat(PROBES.probe(failing, Recipes.grpc(""), LONG).text())
        .isEqualTo("gRPC status 14 UNAVAILABLE: \"shutting down\"");
  }

  @Test
  void whatIsNotGrpcIsAProtocolError() {
    try (FakeBackend http =
            FakeBackend.start(
                socket -> {
                  FakeBackend.readHead(socket);
                  FakeBackend.write(socket, "HTTP/1.1 400 Bad Request\r\n\r\n");
                  FakeBackend.silent().run(socket);
                });
        FakeBackend reset =
            FakeBackend.start(
                socket -> {
                  FakeBackend.readHead(socket);
                  FakeBackend.reset(socket);
                })) {
      assertThat(PROBES.probe(http.port(), Recipes.grpc(""), LONG).reason())
          .isEqualTo(ProbeReason.PROTOCOL_ERROR);
      assertThat(PROBES.probe(reset.port(), Recipes.grpc(""), LONG).reason())
          .isIn(ProbeReason.RESET, ProbeReason.PROTOCOL_ERROR);
    }
    assertThat(PROBES.probe(FreePorts.next(), Recipes.grpc(""), LONG).reason())
        .isEqualTo(ProbeReason.CONNECTION_REFUSED);
  }
}
