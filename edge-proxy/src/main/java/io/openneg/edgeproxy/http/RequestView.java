package io.openneg.edgeproxy.http;

import io.openneg.edgeproxy.routing.RequestFields;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request as routes see it. */
record RequestView(HttpServerRequest request, RequestTarget target) implements RequestFields {

  @Override
  public String path() {
    return target.path();
  }

  @Override
  public String query() {
    String query = target.query();
    return query.isEmpty() ? query : query.substring(1);
  }

  @Override
  public @Nullable String header(String name) {
    return switch (name) {
      case ":method" -> request.method().name();
      case ":authority" -> target.authority();
      case ":path" -> target.uri();
      default -> {
        List<String> values = request.headers().getAll(name);
        yield values.isEmpty() ? null : String.join(",", values);
      }
    };
  }
}
