package io.openneg.healthservice;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.PackagedService;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.GetHealthResponse;
import io.openneg.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.Map;

/** health-service as it is shipped, and a client of it. */
final class ServiceProcess implements AutoCloseable {
  private final PackagedService process;
  private final ManagedChannel channel;
  private final ManagedChannel streaming;

  private ServiceProcess(PackagedService process) {
    this.process = process;
    this.channel = channel(process);
    this.streaming = channel(process);
  }

  private static ManagedChannel channel(PackagedService process) {
    return NettyChannelBuilder.forAddress("127.0.0.1", process.port()).usePlaintext().build();
  }

  /** Starts it and waits until it is ready. */
  static ServiceProcess start(Database database) {
    return new ServiceProcess(
        PackagedService.start("health-service", FreePorts.next(), database, Map.of()));
  }

  /** Status and body of the readiness check; "" when nobody answers. */
  String ready() {
    return process.readiness();
  }

  GetHealthResponse getHealth(String service, String group) {
    return client()
        .getHealth(
            GetHealthRequest.newBuilder().setBackendService(service).setGroup(group).build());
  }

  /** A client whose calls end after ten seconds at the latest. */
  HealthGrpc.HealthBlockingStub client() {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(Duration.ofSeconds(10))
        .withWaitForReady();
  }

  /** A client of streams, whose unread answers do not stop up the connection of the other one. */
  HealthGrpc.HealthStub streams() {
    return HealthGrpc.newStub(streaming).withWaitForReady();
  }

  /** What is counted, in Prometheus' text format. */
  String metrics() {
    return process.get("/q/metrics");
  }

  /** SIGKILL. */
  void kill() {
    process.kill();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    streaming.shutdownNow();
    process.close();
  }
}
