package io.openneg.edgeproxy.http;

import io.openneg.edgeproxy.balancing.Hashing;
import io.openneg.edgeproxy.routing.HashPolicy;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;

/** What a request's affinity is hashed to. */
final class RequestHash {
  private RequestHash() {}

  /**
   * As Envoy: what several policies give is taken together, and one that gives nothing does not
   * count.
   *
   * @param setCookie takes the Set-Cookie value of a cookie that the client is given
   */
  static OptionalLong of(
      List<HashPolicy> policies, HttpServerRequest request, Consumer<String> setCookie) {
    OptionalLong hash = OptionalLong.empty();
    for (HashPolicy policy : policies) {
      OptionalLong one = of(policy, request, setCookie);
      if (one.isPresent()) {
        hash =
            hash.isPresent() ? OptionalLong.of(Hashing.of(hash.getAsLong(), one.getAsLong())) : one;
      }
    }
    return hash;
  }

  private static OptionalLong of(
      HashPolicy policy, HttpServerRequest request, Consumer<String> setCookie) {
    return switch (policy) {
      case HashPolicy.SourceIp _ ->
          OptionalLong.of(Hashing.of(request.remoteAddress().hostAddress()));
      case HashPolicy.Header(String name) -> {
        List<String> values = request.headers().getAll(name);
        yield values.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(Hashing.of(String.join(",", values)));
      }
      case HashPolicy.Cookie cookie -> {
        Cookie sent = request.getCookie(cookie.name());
        if (sent != null) {
          yield OptionalLong.of(Hashing.of(sent.getValue()));
        }
        if (cookie.ttl() == null) {
          yield OptionalLong.empty();
        }
        String value = UUID.randomUUID().toString().replace("-", "");
        setCookie.accept(header(cookie, value));
        yield OptionalLong.of(Hashing.of(value));
      }
    };
  }

  private static String header(HashPolicy.Cookie cookie, String value) {
    String path = cookie.path().isEmpty() ? "" : "; Path=" + cookie.path();
    String age =
        cookie.ttl() == null || cookie.ttl().isZero()
            ? ""
            : "; Max-Age=" + cookie.ttl().toSeconds();
    return cookie.name() + "=" + value + age + path + "; HttpOnly";
  }
}
