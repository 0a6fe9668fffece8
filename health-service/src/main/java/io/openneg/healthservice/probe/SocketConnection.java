package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.openneg.healthservice.socket.SocketException;
import io.openneg.healthservice.socket.TcpSocket;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A connection of a bare socket, for what needs no more. */
final class SocketConnection implements Connection, TcpSocket.Events {
  private static final byte[] NOTHING = {};

  private final Lane.OfSockets lane;
  private final InetSocketAddress address;
  private final SocketConversation conversation;
  private ProbeAttempt attempt;
  private byte[] proxyLine = NOTHING;
  private @Nullable TcpSocket socket;
  private int probes;

  private SocketConnection(
      Lane.OfSockets lane,
      InetSocketAddress address,
      SocketConversation conversation,
      ProbeAttempt first) {
    this.lane = lane;
    this.address = address;
    this.conversation = conversation;
    this.attempt = first;
  }

  /** A new connection on its way; {@code attempt} hears of what becomes of it. */
  static Connection open(
      Lane.OfSockets lane,
      InetSocketAddress address,
      SocketConversation conversation,
      ProbeAttempt attempt) {
    var connection = new SocketConnection(lane, address, conversation, attempt);
    try {
      connection.socket = lane.loop().connect(address, conversation.speaksFirst(), connection);
    } catch (SocketException e) {
      // The attempt is still being started.
      lane.loop().execute(() -> attempt.end(Failures.connecting(e, attempt.peer())));
    }
    return connection;
  }

  @Override
  public void connected() {
    TcpSocket connected = socket;
    if (connected == null) {
      return;
    }
    try {
      InetSocketAddress local = connected.localAddress();
      if (attempt.onConnected(local, address)) {
        if (conversation.followsProxyHeader()) {
          proxyLine = ProxyHeaderWriter.line(local, address).getBytes(US_ASCII);
        }
        attempt.onOpen(this);
      }
    } catch (SocketException e) {
      attempt.end(Failures.connecting(e, attempt.peer()));
    }
  }

  @Override
  public void notConnected(SocketException error) {
    attempt.end(Failures.connecting(error, attempt.peer()));
  }

  @Override
  public void use(ProbeAttempt user) {
    attempt = user;
    probes++;
    byte[] request = conversation.begin(user, this);
    if (user.transcript() instanceof Transcript.Kept written && request.length > 0) {
      written.sent(new String(request, ISO_8859_1));
    }
    if (proxyLine.length > 0) {
      // In one piece: the kernel would hold the second back until the first is acknowledged.
      var both = new ByteArrayOutputStream(proxyLine.length + request.length);
      both.writeBytes(proxyLine);
      both.writeBytes(request);
      request = both.toByteArray();
      proxyLine = NOTHING;
    }
    if (request.length == 0) {
      sent();
    } else if (socket != null) {
      socket.send(request);
    }
  }

  @Override
  public void sent() {
    conversation.sent();
  }

  @Override
  public void received(ByteBuf bytes) {
    attempt.transcript().received(bytes);
    conversation.received(bytes);
    if (attempt.hasEnded() && socket != null) {
      socket.expectNothing();
    }
  }

  @Override
  public void ended() {
    conversation.ended();
  }

  @Override
  public void broken(SocketException error) {
    conversation.broken(error);
  }

  @Override
  public int probes() {
    return probes;
  }

  @Override
  public boolean isOpen() {
    return socket != null && socket.isOpen();
  }

  @Override
  public void closeAfterServer() {
    if (socket == null || socket.hasPeerEnded()) {
      close();
    } else {
      var _ = lane.timers().schedule(System.nanoTime() + LINGER.toNanos(), this::close);
    }
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
