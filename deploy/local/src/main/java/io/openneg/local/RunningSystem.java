package io.openneg.local;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.openneg.local.client.Api;
import io.openneg.local.system.Component;
import io.openneg.local.system.SystemStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Calls to a system that {@code openneg up} has started. */
final class RunningSystem implements AutoCloseable {
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Api api;

  private RunningSystem(List<SystemStatus.Entry> entries) {
    api =
        new Api(
            channel(entries, Component.NEG),
            channel(entries, Component.BACKEND),
            channel(entries, Component.HEALTH),
            channel(entries, Component.PROXY_CONFIG));
  }

  /**
   * @throws IllegalStateException when nothing runs there
   */
  static RunningSystem in(Path home) {
    List<SystemStatus.Entry> entries = SystemStatus.read(home);
    if (entries.isEmpty()) {
      throw new IllegalStateException("nothing runs in " + home + " (./openneg up starts it)");
    }
    return new RunningSystem(entries);
  }

  private ManagedChannel channel(List<SystemStatus.Entry> entries, Component of) {
    int port =
        entries.stream()
            .filter(entry -> entry.component() == of)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException(of.label() + " does not run"))
            .port();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  Api api() {
    return api;
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
