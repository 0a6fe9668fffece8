package io.openneg.edgeproxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.edgeproxy.config.HttpOptions;
import io.openneg.edgeproxy.config.HttpOptions.ServerHeader;
import io.openneg.edgeproxy.config.LocalReplies;
import io.openneg.edgeproxy.routing.PathRule;
import io.openneg.edgeproxy.routing.RouteAction.Redirect;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadersTest {

  private static HttpOptions options(boolean useRemoteAddress, ServerHeader serverHeader) {
    return new HttpOptions(
        serverHeader,
        "edge",
        useRemoteAddress,
        false,
        true,
        false,
        Duration.ZERO,
        Duration.ZERO,
        LocalReplies.UNCHANGED,
        List.of());
  }

  private static MultiMap headers(String... namesAndValues) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return headers;
  }

  @Test
  void aSenderCannotHaveFramingOrCredentialsRemovedByNamingThem() {
    MultiMap to = headers();
    Headers.copyEndToEnd(
        headers(
            "Connection", "Content-Length, authorization , X-Drop,",
            "Content-Length", "5",
            "Authorization", "secret",
            "X-Drop", "1",
            "Proxy-Connection", "keep-alive"),
        to);
    assertThat(to.names()).containsExactlyInAnyOrder("Content-Length", "Authorization");
  }

  @Test
  void aClientCannotClaimToComeByHttps() {
    MultiMap spoofed = headers("X-Forwarded-Proto", "https", "X-Forwarded-For", "1.1.1.1");
    Headers.addForwarded(spoofed, options(true, ServerHeader.OVERWRITE), "10.0.0.9", "http");
    assertThat(spoofed.get("x-forwarded-proto")).isEqualTo("http");
    assertThat(spoofed.getAll("x-forwarded-for")).containsExactly("1.1.1.1, 10.0.0.9");
    assertThat(spoofed.get("x-request-id")).hasSize(36);
  }

  @Test
  void aProxyInFrontIsBelieved() {
    MultiMap trusted = headers("X-Forwarded-Proto", "https", "X-Request-Id", "mine");
    Headers.addForwarded(trusted, options(false, ServerHeader.OVERWRITE), "10.0.0.9", "http");
    assertThat(trusted.get("x-forwarded-proto")).isEqualTo("https");
    assertThat(trusted.contains("x-forwarded-for")).isFalse();
    assertThat(trusted.get("x-request-id")).isEqualTo("mine");
  }

  @ParameterizedTest
  @CsvSource({
    "OVERWRITE, origin, edge",
    "OVERWRITE, , edge",
    "APPEND_IF_ABSENT, origin, origin",
    "APPEND_IF_ABSENT, , edge",
    "PASS_THROUGH, origin, origin",
    "PASS_THROUGH, , ",
  })
  void treatsTheServerFieldAsConfigured(
      ServerHeader treatment, @Nullable String before, @Nullable String after) {
    MultiMap response = before == null ? headers() : headers("Server", before);
    Headers.addServer(response, options(true, treatment));
    assertThat(response.get("server")).isEqualTo(after);
  }

  @Test
  void readsTheTargetOfARequest() {
    assertThat(RequestTarget.of("/a?b=/c", List.of("h:80")))
        .isEqualTo(new RequestTarget("h:80", "/a", "/a?b=/c"));
    assertThat(RequestTarget.of("http://other:81/x?y", List.of("h")))
        .isEqualTo(new RequestTarget("other:81", "/x", "/x?y"));
    assertThat(RequestTarget.of("HTTP://other?y", List.of("h")))
        .isEqualTo(new RequestTarget("other", "/", "/?y"));
  }

  @ParameterizedTest
  @CsvSource({"*", "host:80", "https://h/", "http:///x", "/a#b"})
  void knowsNoTargetWhereThereIsNone(String target) {
    assertThat(RequestTarget.of(target, List.of("h"))).isNull();
  }

  @Test
  void aRequestHasExactlyOneHost() {
    assertThat(RequestTarget.of("/", List.of())).isNull();
    assertThat(RequestTarget.of("/", List.of(" "))).isNull();
    assertThat(RequestTarget.of("/", List.of("a", "b"))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "https, , 0, , , false, h:8080, https://h:8080/p?q",
    "https, , 0, , , false, h:80, https://h/p?q",
    ", new, 0, , , false, h:8080, http://new/p?q",
    ", new, 81, , , true, h:8080, http://new:81/p",
    ", , 0, /x, , false, h:8080, http://h:8080/x?q",
    ", , 0, /x?own=1, , false, [::1]:8080, http://[::1]:8080/x?own=1",
    ", , 0, , /to/, false, h, http://h/to/p?q",
  })
  void redirects(
      @Nullable String scheme,
      @Nullable String host,
      int port,
      @Nullable String path,
      @Nullable String pathPrefix,
      boolean stripQuery,
      String authority,
      String expected) {
    assertThat(
            Redirects.location(
                new Redirect(301, scheme, host, port, path, pathPrefix, stripQuery),
                new PathRule.Prefix("/", true),
                new RequestTarget(authority, "/p", "/p?q"),
                "http"))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    ", h, https://h/p",
    ", h:444, https://h:444/p",
    "http, h:443, http://h/p",
  })
  void redirectsOfRequestsOverTls(@Nullable String scheme, String authority, String expected) {
    assertThat(
            Redirects.location(
                new Redirect(301, scheme, null, 0, null, null, false),
                new PathRule.Prefix("/", true),
                new RequestTarget(authority, "/p", "/p"),
                "https"))
        .isEqualTo(expected);
  }
}
