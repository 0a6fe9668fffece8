package io.openneg.edgeproxy.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A server whose every byte is the test's, for what no decent server would do. */
public final class RawBackend implements AutoCloseable {

  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger closedByPeer = new AtomicInteger();

  /** What happens on a connection; it is closed afterwards. */
  public interface Conversation {
    void talk(Socket socket) throws IOException, InterruptedException;
  }

  public RawBackend(Conversation conversation) {
    try {
      server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(() -> accept(conversation));
  }

  private void accept(Conversation conversation) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> talk(conversation, socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void talk(Conversation conversation, Socket socket) {
    try (socket) {
      conversation.talk(socket);
    } catch (IOException | InterruptedException e) {
      closedByPeer.incrementAndGet();
    } finally {
      sockets.remove(socket);
    }
  }

  /** A head of these lines. */
  public static String head(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  /** Reads a request's head. */
  public static String readHead(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after \"" + head + "\"");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  public static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Reads until the other side closes. */
  public static String readAll(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Open connections. */
  public int connections() {
    return sockets.size();
  }

  /** Conversations that ended because the other side went. */
  public int closedByPeer() {
    return closedByPeer.get();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
