package io.openneg.e2e;

import io.openneg.local.client.HttpLoadBalancer.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP server on loopback that says what it hears, until it hears no more. */
final class EchoBackend implements AutoCloseable {
  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  private EchoBackend(ServerSocket server) {
    this.server = server;
  }

  static EchoBackend start() throws IOException {
    var backend = new EchoBackend(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()));
    Thread.startVirtualThread(backend::accept);
    return backend;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        Thread.startVirtualThread(() -> echo(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // The other side is gone, as it may.
      return;
    } finally {
      sockets.remove(socket);
    }
  }

  Address address() {
    return new Address("127.0.0.1", server.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
