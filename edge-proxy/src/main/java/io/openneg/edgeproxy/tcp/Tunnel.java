package io.openneg.edgeproxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import io.openneg.edgeproxy.accesslog.AccessLogWriter;
import io.openneg.edgeproxy.config.AccessLog.Operator;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ListenerConfig;
import io.openneg.edgeproxy.config.ResponseFlag;
import io.openneg.edgeproxy.upstream.Admission;
import io.openneg.edgeproxy.upstream.Lease;
import io.openneg.edgeproxy.upstream.UpstreamCluster;
import io.openneg.edgeproxy.upstream.UpstreamHost;
import io.openneg.edgeproxy.upstream.Upstreams;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection and the one to an endpoint that carries it. Each direction ends by itself;
 * an end that breaks takes the other one with it. Confined to the event loop that both share.
 */
final class Tunnel {

  private final SocketChannel client;
  private final Upstreams upstreams;
  private final TcpStats stats;
  private final AccessLogWriter accessLog;
  private final Instant begun = Instant.now();
  private final ListenerConfig.Tcp config;
  private final TunnelEnd clientEnd;
  private final List<UpstreamHost> tried = new ArrayList<>();
  private @Nullable TunnelEnd endpointEnd;
  private @Nullable ScheduledFuture<?> idleCheck;
  private long lastMove = System.nanoTime();
  private boolean over;
  private long received;
  private long sent;
  private @Nullable IpPort endpoint;
  private @Nullable ResponseFlag flag;

  Tunnel(
      SocketChannel client,
      Upstreams upstreams,
      TcpStats stats,
      AccessLogWriter accessLog,
      ListenerConfig.Tcp config) {
    this.accessLog = accessLog;
    this.client = client;
    this.upstreams = upstreams;
    this.stats = stats;
    this.config = config;
    this.clientEnd = new TunnelEnd(this, stats.bytesUp);
  }

  /** Begins: takes the client's connection and looks for an endpoint. */
  void open() {
    client.pipeline().addLast(clientEnd);
    client
        .closeFuture()
        .addListener(
            _ -> {
              if (idleCheck != null) {
                idleCheck.cancel(false);
              }
              accessLog.log(config.accessLogs(), config.cluster(), this::record);
            });
    if (!config.idleTimeout().isZero()) {
      checkIdleIn(config.idleTimeout().toNanos());
    }
    // Not from the initializer: until it is done, the channel is not registered.
    client.eventLoop().execute(this::begin);
  }

  private void begin() {
    SslHandler tls = client.pipeline().get(SslHandler.class);
    if (tls == null) {
      choose();
    } else {
      tls.handshakeFuture()
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  choose();
                } else {
                  reset();
                }
              });
      client.read();
    }
  }

  private void choose() {
    if (over || !client.isActive()) {
      return;
    }
    UpstreamCluster cluster = upstreams.cluster(config.cluster());
    if (cluster == null) {
      stats.noCluster.increment();
      flag = ResponseFlag.NC;
      reset();
      return;
    }
    switch (cluster.admitConnection(tried)) {
      case Admission.Retired _ -> client.eventLoop().execute(this::choose);
      case Admission.NoHealthyHost _ -> {
        stats.noHealthyHost.increment();
        flag = ResponseFlag.UH;
        reset();
      }
      case Admission.Overflow _ -> {
        stats.overflows.increment();
        flag = ResponseFlag.UO;
        reset();
      }
      case Admission.Granted(Lease lease) when tried.contains(lease.host()) -> {
        lease.release();
        reset();
      }
      case Admission.Granted(Lease lease) -> connect(lease);
    }
  }

  private void connect(Lease lease) {
    TunnelEnd end = new TunnelEnd(this, stats.bytesDown);
    lease.forward(client, end).addListener((Future<Channel> made) -> onConnected(lease, end, made));
  }

  private void onConnected(Lease lease, TunnelEnd end, Future<Channel> made) {
    Channel endpoint = made.isSuccess() ? made.getNow() : null;
    boolean moved = !lease.host().accepting();
    if (endpoint == null) {
      lease.release();
      stats.connectFailures.increment();
      flag = ResponseFlag.UF;
      tried.add(lease.host());
      boolean attemptsLeft =
          config.maxConnectAttempts() == 0 || tried.size() < config.maxConnectAttempts();
      if (attemptsLeft) {
        choose();
      } else {
        reset();
      }
    } else if (over || moved || !client.isActive()) {
      // Nothing was sent, except perhaps a PROXY header; the endpoint loses nothing.
      var _ = endpoint.close();
      lease.release();
      choose();
    } else {
      endpoint.closeFuture().addListener(_ -> lease.release());
      lease.sent();
      stats.forwarded.increment();
      flag = null;
      this.endpoint = lease.host().address();
      endpointEnd = end;
      clientEnd.join(end);
      end.join(clientEnd);
    }
  }

  /** Bytes have come in at one end. */
  void onMoved(ByteBuf bytes, LongAdder count) {
    count.add(bytes.readableBytes());
    if (count.equals(stats.bytesUp)) {
      received += bytes.readableBytes();
    } else {
      sent += bytes.readableBytes();
    }
    lastMove = System.nanoTime();
  }

  /** One end is closed, or says nothing more as the other did before. */
  void close() {
    if (!over) {
      over = true;
      clientEnd.closeAfterRest();
      if (endpointEnd != null) {
        endpointEnd.closeAfterRest();
      }
    }
  }

  /** Ends both connections at once, so that neither side takes the end for a regular one. */
  void reset() {
    over = true;
    abort(client);
    if (endpointEnd != null) {
      endpointEnd.abort();
    }
  }

  /** Closes by a reset instead of a regular end. */
  static void abort(Channel channel) {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }
    var _ = channel.close();
  }

  private void checkIdleIn(long nanos) {
    idleCheck = client.eventLoop().schedule(this::checkIdle, nanos, TimeUnit.NANOSECONDS);
  }

  private void checkIdle() {
    long left = config.idleTimeout().toNanos() - (System.nanoTime() - lastMove);
    if (left > 0) {
      checkIdleIn(left);
    } else {
      stats.idleTimeouts.increment();
      reset();
    }
  }

  /** What is known of the connection at its end. */
  private Map<Operator, Object> record() {
    Map<Operator, Object> values = new EnumMap<>(Operator.class);
    values.put(Operator.START_TIME, begun.truncatedTo(ChronoUnit.MILLIS).toString());
    InetSocketAddress from = client.remoteAddress();
    if (from != null) {
      values.put(Operator.CLIENT, from.getAddress().getHostAddress() + ":" + from.getPort());
    }
    if (endpoint != null) {
      values.put(Operator.ENDPOINT, endpoint.toString());
    }
    if (flag != null) {
      values.put(Operator.FLAGS, flag.name());
    }
    values.put(Operator.BYTES_RECEIVED, received);
    values.put(Operator.BYTES_SENT, sent);
    values.put(Operator.DURATION, Duration.between(begun, Instant.now()).toMillis());
    return values;
  }
}
