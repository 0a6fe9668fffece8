package io.openneg.local.system;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * A process in place of a service or the edge proxy: takes the port from the same variables and
 * says that it is ready, or dies at once, as its argument says; without one all is well.
 */
public final class StandInService {
  private StandInService() {}

  public static void main(String[] arguments) throws Exception {
    String port =
        Objects.requireNonNullElseGet(
            System.getenv("OPENNEG_PORT"),
            () -> Objects.requireNonNull(System.getenv("OPENNEG_ADMIN_PORT")));
    String behaviour = arguments.length == 0 ? "well" : arguments[0];
    if (behaviour.equals("die")) {
      System.err.println("the database is of a newer version");
      System.exit(3);
    }
    var server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(port)), 0);
    boolean down = behaviour.equals("down");
    server.createContext(
        "/",
        exchange -> {
          byte[] body =
              (down
                      ? "{\"status\":\"DOWN\",\"checks\":[{\"name\":\"relay\",\"status\":\"DOWN\",\"data\":{\"lag\":7}},{\"name\":\"db\",\"status\":\"UP\"}]}"
                      : "ready")
                  .getBytes(java.nio.charset.StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(down ? 503 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }
}
