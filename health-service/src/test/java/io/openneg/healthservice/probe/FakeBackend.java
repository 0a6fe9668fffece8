package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on loopback that does with each connection what a test says. */
public final class FakeBackend implements AutoCloseable {

  /** What to do with a connection; it is closed at the end unless it was reset. */
  public interface Script {
    void run(Socket socket) throws IOException;
  }

  private final ServerSocket listener;
  private final Script script;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  private FakeBackend(ServerSocket listener, Script script) {
    this.listener = listener;
    this.script = script;
  }

  public static FakeBackend start(Script script) {
    return startAt("127.0.0.1", 0, script);
  }

  /** Takes up the port of one that died. */
  public static FakeBackend startOn(int port, Script script) {
    return startAt("127.0.0.1", port, script);
  }

  /**
   * @param ip any of 127.0.0.0/8
   */
  public static FakeBackend startAt(String ip, int port, Script script) {
    try {
      return startOn(new ServerSocket(), ip, port, script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Speaks TLS, with a certificate of its own. */
  static FakeBackend startTls(TestCertificate certificate, Script script) {
    try {
      return startOn(certificate.serverSocket(), "127.0.0.1", 0, script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FakeBackend startOn(ServerSocket listener, String ip, int port, Script script) {
    try {
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(ip, port), 1024);
      FakeBackend backend = new FakeBackend(listener, script);
      Thread.ofVirtual().start(backend::accept);
      return backend;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a request's head and answers with these bytes. */
  public static Script answering(String answer) {
    return socket -> {
      readHead(socket);
      write(socket, answer);
    };
  }

  public static Script answeringStatus(int status) {
    return answering("HTTP/1.1 %d Whatever\r\nContent-Length: 0\r\n\r\n".formatted(status));
  }

  /** Accepts, and never says anything until the other side goes. */
  public static Script silent() {
    return socket -> {
      InputStream in = socket.getInputStream();
      while (in.read() >= 0) {
        // Takes what comes.
      }
    };
  }

  static String readHead(Socket socket) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("the request ended early");
      }
      head.write(next);
    }
    return head.toString(ISO_8859_1);
  }

  static void write(Socket socket, String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Ends a connection with RST. */
  static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException _) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      script.run(socket);
    } catch (IOException _) {
      // The prober went away, or the test ended.
    } finally {
      sockets.remove(socket);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Closes it in the middle of a test. */
  public void die() {
    close();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
