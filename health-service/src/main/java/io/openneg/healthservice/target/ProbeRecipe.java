package io.openneg.healthservice.target;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a probe says and what it expects. */
public sealed interface ProbeRecipe {
  /** What a check may send or expect at the most, in bytes (compute v1). */
  int MAX_TEXT = 1024;

  /** The port to probe; null: the endpoint's own. */
  @Nullable Integer fixedPort();

  Transport transport();

  /** Of an HTTP probe; HTTP/2 needs TLS. */
  enum HttpVersion {
    HTTP_1_1,
    HTTP_2
  }

  /**
   * GET, answered by status 200.
   *
   * @param host Host header and TLS server name; empty: the endpoint's address
   * @param path with its query
   * @param response what the first 1,024 bytes of the body must contain; empty: anything
   */
  record Http(
      @Nullable Integer fixedPort,
      Transport transport,
      HttpVersion version,
      String host,
      String path,
      String response)
      implements ProbeRecipe {
    public Http {
      if (version == HttpVersion.HTTP_2 && !transport.isEncrypted()) {
        throw new IllegalArgumentException("HTTP/2 is probed over TLS only");
      }
      checkPort(fixedPort);
      // They are written into the request as they are.
      if (!path.startsWith("/") || !isVisibleAscii(path)) {
        throw new IllegalArgumentException(
            "request_path must start with / and be visible ASCII, is '%s'".formatted(path));
      }
      if (!isVisibleAscii(host)) {
        throw new IllegalArgumentException("host must be visible ASCII, is '%s'".formatted(host));
      }
      checkText("response", response);
    }
  }

  /**
   * A connection, and words if there are any.
   *
   * @param request sent after connecting; empty: nothing
   * @param response what the answer must begin with; empty: connecting is enough
   */
  record Tcp(@Nullable Integer fixedPort, Transport transport, String request, String response)
      implements ProbeRecipe {
    public Tcp {
      checkPort(fixedPort);
      checkText("request", request);
      checkText("response", response);
    }
  }

  /**
   * grpc.health.v1.Health/Check in the clear, answered by SERVING.
   *
   * @param service the service asked for; empty: the server as a whole
   */
  record Grpc(@Nullable Integer fixedPort, String service) implements ProbeRecipe {
    public Grpc {
      checkPort(fixedPort);
      checkText("grpc_service_name", service);
    }

    @Override
    public Transport transport() {
      return Transport.PLAIN;
    }
  }

  private static void checkPort(@Nullable Integer port) {
    if (port != null && (port < 1 || port > 65_535)) {
      throw new IllegalArgumentException("port must be 1..65535, is " + port);
    }
  }

  private static void checkText(String field, String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_TEXT) {
      throw new IllegalArgumentException(
          "%s must have up to %d bytes, has %d".formatted(field, MAX_TEXT, bytes));
    }
  }

  private static boolean isVisibleAscii(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
