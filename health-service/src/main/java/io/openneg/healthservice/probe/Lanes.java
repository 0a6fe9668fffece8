package io.openneg.healthservice.probe;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.openneg.healthservice.socket.SocketLoop;
import io.openneg.healthservice.target.ProbeRecipe;
import io.openneg.healthservice.target.ProbeRecipe.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of a prober: so many for what bare sockets can do, where they can be had, and as
 * many for the rest. Each is started when it is first needed. Thread-safe.
 */
final class Lanes implements AutoCloseable {
  private static final ThreadFactory THREADS = new DefaultThreadFactory("probe", true);

  private final boolean bareSockets;
  private final EventLoopGroup group;
  private final List<SocketLoop> socketLoops = new ArrayList<>();
  private final @Nullable Lane[] ofChannels;
  private final @Nullable Lane[] ofSockets;

  /**
   * @param count how many of each kind
   */
  Lanes(int count) {
    this(count, SocketLoop.isAvailable());
  }

  Lanes(int count, boolean bareSockets) {
    this.bareSockets = bareSockets;
    this.group = Transports.loops(count, THREADS);
    this.ofChannels = new Lane[count];
    this.ofSockets = new Lane[count];
  }

  /**
   * The lane for probes.
   *
   * @param hash of the target
   */
  synchronized Lane of(ProbeRecipe recipe, int hash) {
    boolean bare = bareSockets && isPlain(recipe);
    @Nullable Lane[] lanes = bare ? ofSockets : ofChannels;
    int place = Math.floorMod(hash, lanes.length);
    Lane lane = lanes[place];
    if (lane == null) {
      lane = bare ? Lane.of(newSocketLoop()) : Lane.of(group.next());
      lanes[place] = lane;
    }
    return lane;
  }

  private static boolean isPlain(ProbeRecipe recipe) {
    return !recipe.transport().isEncrypted()
        && switch (recipe) {
          case ProbeRecipe.Http http -> http.version() == HttpVersion.HTTP_1_1;
          case ProbeRecipe.Tcp _ -> true;
          case ProbeRecipe.Grpc _ -> false;
        };
  }

  private SocketLoop newSocketLoop() {
    SocketLoop loop = new SocketLoop(THREADS);
    socketLoops.add(loop);
    return loop;
  }

  @Override
  public synchronized void close() {
    List<Future<?>> ends = new ArrayList<>();
    ends.add(group.shutdownGracefully(0, 1, TimeUnit.SECONDS));
    for (SocketLoop loop : socketLoops) {
      ends.add(loop.shutdownGracefully(0, 1, TimeUnit.SECONDS));
    }
    ends.forEach(end -> end.awaitUninterruptibly(2, TimeUnit.SECONDS));
  }
}
