package io.openneg.backendservice.urlmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.backendservice.urlmap.UrlMapCommand.Create;
import io.openneg.backendservice.urlmap.UrlMapCommand.Delete;
import io.openneg.backendservice.urlmap.UrlMapCommand.Update;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlMapDeciderTest {
  private static final String NAME = "projects/p/global/urlMaps/map";
  private static final String SERVICE = "projects/p/global/backendServices/web";
  private static final Facts FACTS = new Facts(Set.of(SERVICE), List.of());

  private static Scenario<ResourceState<UrlMap>, UrlMapCommand> nothing() {
    return Scenario.of(new UrlMapDecider());
  }

  private static Create create(UrlMap.Builder map) {
    return new Create(NAME, 42, Timestamp.getDefaultInstance(), map.build(), FACTS);
  }

  private static UrlMap.Builder map(String host, String path) {
    return UrlMap.newBuilder()
        .setDefaultService(SERVICE)
        .addHostRules(HostRule.newBuilder().addHosts(host).setPathMatcher("m"))
        .addPathMatchers(
            PathMatcher.newBuilder()
                .setName("m")
                .setDefaultService(SERVICE)
                .addPathRules(PathRule.newBuilder().addPaths(path).setService(SERVICE)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "example.com", "*.example.com", "*-web.example.com", "a"})
  void hostsMayBe(String host) {
    assertThat(nothing().when(create(map(host, "/"))).events()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Example.com", "*example.com", "a.*", "**", "*.", "-a", "a b", "a:80"})
  void hostsMayNotBe(String host) {
    nothing().when(create(map(host, "/"))).thenInvalid("url_map.host_rules[0].hosts[0]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/*", "/a", "/a/b", "/a/*"})
  void pathsMayBe(String path) {
    assertThat(nothing().when(create(map("*", path))).events()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "*", "/a*", "/*/a", "/a?b", "/a#b", "/a/**"})
  void pathsMayNotBe(String path) {
    nothing()
        .when(create(map("*", path)))
        .thenInvalid("url_map.path_matchers[0].path_rules[0].paths[0]");
  }

  @Test
  void aHostIsInTheMapOnce() {
    nothing()
        .when(
            create(
                map("a.com", "/")
                    .addHostRules(HostRule.newBuilder().addHosts("a.com").setPathMatcher("m"))))
        .thenInvalid("url_map.host_rules[1].hosts[0]");
  }

  @Test
  void aPathIsInItsMatcherOnce() {
    UrlMap.Builder map = map("*", "/a");
    map.getPathMatchersBuilder(0)
        .addPathRules(PathRule.newBuilder().addPaths("/a").setService(SERVICE));

    nothing().when(create(map)).thenInvalid("url_map.path_matchers[0].path_rules[1].paths[0]");
  }

  @Test
  void hostRulesAndPathMatchersNameEachOther() {
    UrlMap.Builder unknown = map("*", "/");
    unknown.getHostRulesBuilder(0).setPathMatcher("other");

    nothing()
        .when(create(unknown))
        .thenInvalid("url_map.host_rules[0].path_matcher", "url_map.path_matchers[0].name");
  }

  @Test
  void theDefaultServiceIsNeeded() {
    nothing().when(create(UrlMap.newBuilder())).thenInvalid("url_map.default_service");
  }

  @Test
  void everyServiceMustExist() {
    UrlMap.Builder map = map("*", "/");
    map.getPathMatchersBuilder(0)
        .getPathRulesBuilder(0)
        .setService("projects/p/global/backendServices/gone");

    var refusal = nothing().when(create(map)).thenRejected("REFERENCE_NOT_FOUND");

    assertThat(refusal.violations().getFirst().subject())
        .isEqualTo("url_map.path_matchers[0].path_rules[0].service");
  }

  @Test
  void anUpdateReplacesTheMapAndTheSameMapChangesNothing() {
    var created = nothing().after(create(map("*", "/")));

    created.when(new Update(NAME, map("*", "/").build(), FACTS)).thenNothing();
    assertThat(created.when(new Update(NAME, map("*", "/b").build(), FACTS)).events()).hasSize(1);
  }

  @Test
  void aUsedMapIsNotDeleted() {
    nothing()
        .after(create(map("*", "/")))
        .when(new Delete(NAME, new Facts(Set.of(), List.of("proxy"))))
        .thenRejected("RESOURCE_IN_USE");
  }
}
