package io.openneg.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.TextFormat;
import io.openneg.backend.v1.UpdateUrlMapRequest;
import io.openneg.backend.v1.UrlMap;
import io.openneg.embedded.FreePorts;
import io.openneg.local.client.HttpLoadBalancer;
import io.openneg.local.system.LocalSystem;
import io.openneg.proxyconfig.v1.WaitForConvergenceRequest;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a URL map says is what its clients get: the API at one end, HTTP at the other. */
class UrlMapTrafficIT {
  private static final String MAP =
      """
      name: "$MAP"
      default_service: "$BLUE"
      header_action { response_headers_to_add { header_name: "X-Map" header_value: "100%" } }
      host_rules { hosts: "127.0.0.1" path_matcher: "routes" }
      path_matchers {
        name: "routes"
        default_service: "$BLUE"
        route_rules {
          priority: 1
          match_rules {
            prefix_match: "/"
            header_matches { header_name: "X-Beta" exact_match: "yes" }
          }
          service: "$GREEN"
        }
        route_rules {
          priority: 2
          match_rules { regex_match: "/v[0-9]+/.*" }
          match_rules { prefix_match: "/q" query_parameter_matches { name: "g" present_match: true } }
          route_action {
            weighted_backend_services { backend_service: "$BLUE" weight: 0 }
            weighted_backend_services {
              backend_service: "$GREEN"
              weight: 1000
              header_action {
                response_headers_to_add { header_name: "X-Weighted" header_value: "green" }
              }
            }
            url_rewrite { host_rewrite: "inner.example.com" }
          }
        }
        route_rules {
          priority: 3
          match_rules { prefix_match: "/old/" }
          url_redirect { prefix_redirect: "/new/" redirect_response_code: PERMANENT_REDIRECT }
        }
      }
      tests { host: "127.0.0.1" path: "/" service: "$BLUE" }
      tests { host: "127.0.0.1" path: "/v2/x" service: "$GREEN" }
      tests {
        host: "127.0.0.1"
        path: "/old/x?y"
        expected_redirect_response_code: 308
        expected_output_url: "127.0.0.1/new/x?y"
      }
      """;

  @Test
  void trafficGoesAsTheMapSays() throws Exception {
    LocalSystem system = TestSystem.shared();
    int port = FreePorts.next();
    try (HttpBackend blue = HttpBackend.start("blue");
        HttpBackend green = HttpBackend.start("green");
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      String toBlue = create(system, "map-blue", port, blue);
      String toGreen = create(system, "map-green", FreePorts.next(), green);
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> get(http, port, "/").body().equals("blue"));

      String name = "projects/demo/global/urlMaps/map-blue";
      UrlMap map =
          system
              .api()
              .urlMaps()
              .updateUrlMap(
                  UpdateUrlMapRequest.newBuilder()
                      .setUrlMap(
                          TextFormat.parse(
                              MAP.replace("$MAP", name)
                                  .replace("$BLUE", toBlue)
                                  .replace("$GREEN", toGreen),
                              UrlMap.class))
                      .build());
      WaitForConvergenceResponse convergence =
          system
              .api()
              .explain()
              .waitForConvergence(
                  WaitForConvergenceRequest.newBuilder()
                      .setChangeToken(map.getChangeToken())
                      .setTimeoutMs(20_000)
                      .build());
      assertThat(convergence.getConverged()).as(convergence.toString()).isTrue();

      HttpResponse<String> root = get(http, port, "/");
      assertThat(root.body()).isEqualTo("blue");
      assertThat(root.headers().allValues("x-map")).containsExactly("100%");
      assertThat(get(http, port, "/", "X-Beta", "yes").body()).isEqualTo("green");
      assertThat(get(http, port, "/", "X-Beta", "no").body()).isEqualTo("blue");
      HttpResponse<String> weighted = get(http, port, "/v2/x");
      assertThat(weighted.body()).isEqualTo("green");
      assertThat(weighted.headers().allValues("x-weighted")).containsExactly("green");
      assertThat(get(http, port, "/q?g").body()).isEqualTo("green");
      assertThat(get(http, port, "/q").body()).isEqualTo("blue");
      HttpResponse<String> moved = get(http, port, "/old/x?y");
      assertThat(moved.statusCode()).isEqualTo(308);
      assertThat(moved.headers().firstValue("location"))
          .hasValue("http://127.0.0.1:%d/new/x?y".formatted(port));
    }
  }

  private static String create(LocalSystem system, String id, int port, HttpBackend backend) {
    return HttpLoadBalancer.create(
            system.api(), "lab-a", id, port, List.of(backend.address()), null, Duration.ZERO)
        .backendService();
  }

  private static HttpResponse<String> get(HttpClient http, int port, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(5));
    return http.send(
        (headers.length == 0 ? request : request.headers(headers)).build(),
        BodyHandlers.ofString());
  }
}
