package io.openneg.healthservice.probe;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.openneg.healthservice.target.ProbeRecipe;
import io.openneg.healthservice.target.ProbeRecipe.HttpVersion;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A connection of Netty's, which can speak all that a check may ask for. */
final class ChannelConnection implements Connection {
  private final Lane.OfChannels lane;
  private final InetSocketAddress address;
  private final ProbeRecipe recipe;
  private final TlsClients tls;
  private final Conversation conversation;
  private ProbeAttempt attempt;
  private @Nullable SocketChannel channel;
  private int probes;

  private ChannelConnection(
      Lane.OfChannels lane,
      InetSocketAddress address,
      ProbeRecipe recipe,
      TlsClients tls,
      boolean keep,
      ProbeAttempt first) {
    this.lane = lane;
    this.address = address;
    this.recipe = recipe;
    this.tls = tls;
    this.conversation = Conversation.of(recipe, keep);
    this.attempt = first;
  }

  /**
   * A new connection on its way; {@code attempt} hears of what becomes of it. Netty's Bootstrap
   * would resolve the address, once more, and take turns of the loop to do so.
   */
  static Connection open(
      Lane.OfChannels lane,
      InetSocketAddress address,
      ProbeRecipe recipe,
      TlsClients tls,
      boolean keep,
      ProbeAttempt attempt) {
    var connection = new ChannelConnection(lane, address, recipe, tls, keep, attempt);
    try {
      connection.connect();
    } catch (ChannelException e) {
      // Without a file descriptor there is no channel. The attempt is still being started.
      lane.loop().execute(() -> attempt.end(Failures.connecting(e, attempt.peer())));
    }
    return connection;
  }

  private void connect() {
    SocketChannel opened = Transports.socket(lane.loop(), address.getAddress());
    // The attempt's deadline covers connecting.
    opened.config().setConnectTimeoutMillis(0);
    equip(opened.pipeline());
    channel = opened;
    var _ = lane.loop().register(opened);
    ProbeAttempt connecting = attempt;
    opened.connect(address).addListener(connected -> connected(connected, connecting));
  }

  private void equip(ChannelPipeline pipeline) {
    boolean http2 = recipe instanceof ProbeRecipe.Http http && http.version() == HttpVersion.HTTP_2;
    if (recipe.transport().proxyHeader()) {
      pipeline.addLast(new ProxyHeaderWriter());
    }
    if (recipe.transport().isEncrypted()) {
      pipeline.addLast(
          tls.handler(
              pipeline.channel().alloc(),
              recipe.transport().security(),
              http2,
              serverName(),
              address.getPort()));
    }
    pipeline.addLast(new Gate(this, recipe.transport().isEncrypted(), http2));
    if (attempt.transcript() instanceof Transcript.Kept written && isText()) {
      pipeline.addLast(written.tap());
    }
    pipeline.addLast(conversation.handlers());
  }

  private boolean isText() {
    return switch (recipe) {
      case ProbeRecipe.Http http -> http.version() == HttpVersion.HTTP_1_1;
      case ProbeRecipe.Tcp _ -> true;
      case ProbeRecipe.Grpc _ -> false;
    };
  }

  private String serverName() {
    if (recipe instanceof ProbeRecipe.Http http && !http.host().isEmpty()) {
      int port = http.host().lastIndexOf(':');
      return port < 0 ? http.host() : http.host().substring(0, port);
    }
    return address.getAddress().getHostAddress();
  }

  private static void connected(Future<?> connecting, ProbeAttempt attempt) {
    if (!connecting.isSuccess()) {
      attempt.end(Failures.connecting(connecting.cause(), attempt.peer()));
    }
  }

  /** The newest probe that uses it. */
  ProbeAttempt attempt() {
    return attempt;
  }

  @Override
  public void use(ProbeAttempt user) {
    attempt = user;
    probes++;
    if (channel != null) {
      conversation.begin(channel, user);
    }
  }

  @Override
  public int probes() {
    return probes;
  }

  @Override
  public boolean isOpen() {
    return channel != null && channel.isActive();
  }

  @Override
  public void closeAfterServer() {
    var _ = lane.timers().schedule(System.nanoTime() + LINGER.toNanos(), this::close);
  }

  @Override
  public void close() {
    if (channel != null) {
      var _ = channel.close();
    }
  }
}
