package io.openneg.proxyconfigservice;

import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.openneg.embedded.Database;
import io.openneg.embedded.PackagedService;
import io.openneg.proxyconfig.v1.ExplainGrpc;
import io.openneg.proxyconfig.v1.GetRoutingTableRequest;
import io.openneg.proxyconfig.v1.GetRoutingTableResponse;
import io.openneg.proxyconfig.v1.ListProxiesRequest;
import io.openneg.proxyconfig.v1.ProxyConfigGrpc;
import io.openneg.proxyconfig.v1.WaitForConvergenceRequest;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import java.util.Map;

/** proxy-config-service as it is shipped, and a client of it. */
final class ServiceProcess implements AutoCloseable {
  private final PackagedService process;
  private final ManagedChannel channel;

  private ServiceProcess(PackagedService process) {
    this.process = process;
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", process.port()).usePlaintext().build();
  }

  /** Starts it and waits until it is ready. */
  static ServiceProcess start(int port, Database database) {
    return new ServiceProcess(
        PackagedService.start("proxy-config-service", port, database, Map.of()));
  }

  int port() {
    return process.port();
  }

  ManagedChannel channel() {
    return channel;
  }

  ProxyConfigGrpc.ProxyConfigBlockingStub api() {
    return ProxyConfigGrpc.newBlockingStub(channel);
  }

  ExplainGrpc.ExplainBlockingStub explain() {
    return ExplainGrpc.newBlockingStub(channel);
  }

  /** The newest one. */
  GetRoutingTableResponse routingTable() {
    return api().getRoutingTable(GetRoutingTableRequest.getDefaultInstance());
  }

  WaitForConvergenceResponse converge(String token, int timeoutMs) {
    return explain()
        .waitForConvergence(
            WaitForConvergenceRequest.newBuilder()
                .setChangeToken(token)
                .setTimeoutMs(timeoutMs)
                .build());
  }

  int connectedProxies() {
    return api().listProxies(ListProxiesRequest.getDefaultInstance()).getProxiesCount();
  }

  /** The server has looked at all that a proxy says it has, and has nothing more to tell it. */
  void awaitSettledProxy() {
    await()
        .atMost(Story.SOON)
        .until(
            () ->
                api().listProxies(ListProxiesRequest.getDefaultInstance()).getProxiesList().stream()
                    .anyMatch(
                        proxy ->
                            proxy.hasSettledRevision()
                                && proxy.getAwaitedList().isEmpty()
                                && proxy.getTypesCount() >= 3));
  }

  /** SIGKILL. */
  void kill() {
    process.kill();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    process.close();
  }
}
