package io.openneg.backendservice.urlmap;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapTest;
import io.openneg.backend.v1.UrlMapTestFailure;
import io.openneg.backend.v1.UrlMapValidationResult;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.backendservice.urlmap.UrlMapCommand.Create;
import io.openneg.backendservice.urlmap.UrlMapCommand.Delete;
import io.openneg.backendservice.urlmap.UrlMapCommand.Update;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.api.Fingerprint;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlMapDeciderTest {
  private static final String NAME = "projects/p/global/urlMaps/map";
  private static final String SERVICE = "projects/p/global/backendServices/web";
  private static final String OTHER = "projects/p/global/backendServices/other";
  private static final Facts FACTS = new Facts(Set.of(SERVICE), List.of());

  private static Scenario<ResourceState<UrlMap>, UrlMapCommand> nothing() {
    return Scenario.of(new UrlMapDecider());
  }

  private static Create create(UrlMap.Builder map) {
    return new Create(NAME, 42, Timestamp.getDefaultInstance(), map.build(), FACTS);
  }

  private static Update update(UrlMap.Builder map, String... fields) {
    return new Update(NAME, map.build(), List.of(fields), FACTS);
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

    created.when(update(map("*", "/"))).thenNothing();
    assertThat(created.when(update(map("*", "/b"))).events()).hasSize(1);
  }

  @Test
  void anUpdateOfSomeFieldsLeavesTheOthers() {
    var created = nothing().after(create(map("*", "/").setDescription("old")));
    UrlMap before = requireNonNull(created.state().resource());

    var updated = created.after(update(UrlMap.newBuilder().setDescription("new"), "description"));
    assertThat(updated.state().resource())
        .isEqualTo(before.toBuilder().setDescription("new").build());
    assertThat(
            updated
                .after(update(UrlMap.newBuilder(), "path_matchers", "host_rules"))
                .state()
                .resource())
        .isEqualTo(
            before.toBuilder().setDescription("new").clearHostRules().clearPathMatchers().build());
    created
        .when(update(UrlMap.newBuilder(), "default_service"))
        .thenInvalid("url_map.default_service");
    created.when(update(map("*", "/"), "id", "colour")).thenInvalid("update_mask", "update_mask");
  }

  @Test
  void anUpdateWithAnOldFingerprintIsRefused() {
    var created = nothing().after(create(map("*", "/")));
    String current = Fingerprint.of(requireNonNull(created.state().resource()));
    var updated = created.after(update(map("*", "/b").setFingerprint(current)));

    assertThat(updated.state().resource()).extracting(UrlMap::getFingerprint).isEqualTo("");
    var refusal =
        updated
            .when(update(map("*", "/c").setFingerprint(current)))
            .thenRejected("CONDITION_NOT_MET");
    assertThat(refusal.violations().getFirst().subject()).isEqualTo("url_map.fingerprint");
  }

  @Test
  void aUsedMapIsNotDeleted() {
    nothing()
        .after(create(map("*", "/")))
        .when(new Delete(NAME, new Facts(Set.of(), List.of("proxy"))))
        .thenRejected("RESOURCE_IN_USE");
  }

  @Test
  void aMapIsTakenOnlyWithItsTestsPassed() {
    UrlMap.Builder map = map("a.com", "/a/*");
    map.addTests(test("a.com", "/a/b", SERVICE));
    assertThat(nothing().when(create(map)).events()).hasSize(1);

    map.addTests(test("a.com", "/b", OTHER));
    var refusal = nothing().when(create(map)).thenRejected("INVALID_ARGUMENT");
    assertThat(refusal.violations())
        .containsExactly(
            new Violation(
                "url_map.tests[1]",
                "expects that 'a.com/b' reaches '%s', but it reaches '%s' as 'http://a.com/b', by "
                        .formatted(OTHER, SERVICE)
                    + "url_map.path_matchers[0]"));
    nothing().after(create(map("*", "/"))).when(update(map)).thenInvalid("url_map.tests[1]");
  }

  @Test
  void aTestNamesHostPathAndService() {
    nothing()
        .when(create(map("*", "/").addTests(test("", "a", "web"))))
        .thenInvalid("url_map.tests[0].host", "url_map.tests[0].path", "url_map.tests[0].service");
  }

  @Test
  void aMapHasAtMost100Tests() {
    UrlMap.Builder map = map("*", "/");
    map.addAllTests(Collections.nCopies(100, test("a", "/", SERVICE).build()));
    assertThat(nothing().when(create(map)).events()).hasSize(1);

    nothing().when(create(map.addTests(test("a", "/", SERVICE)))).thenInvalid("url_map.tests");
  }

  @Test
  void validationTellsAllOfABadMap() {
    UrlMap bad = map("A", "a").setDefaultService("").addTests(test("a", "/", SERVICE)).build();
    UrlMapValidationResult result = UrlMapValidation.result(NAME, bad, FACTS);

    assertThat(result.getLoadSucceeded()).isFalse();
    assertThat(result.getLoadErrorsList())
        .hasSize(3)
        .first()
        .isEqualTo(
            "url_map.default_service must be given unless there is default_url_redirect or"
                + " default_route_action.weighted_backend_services");
    assertThat(result.getTestPassed()).as("tests of a bad map").isFalse();
  }

  @Test
  void validationRunsTheTestsWhateverExists() {
    UrlMap map = map("*", "/").setDefaultService(OTHER).addTests(test("a", "/", OTHER)).build();
    UrlMapValidationResult result = UrlMapValidation.result(NAME, map, FACTS);

    assertThat(result.getLoadErrorsList()).singleElement().asString().contains(OTHER);
    assertThat(result.getTestPassed()).isFalse();
    UrlMapTestFailure failure = result.getTestFailures(0);
    assertThat(failure.getExpectedService()).isEqualTo(OTHER);
    assertThat(failure.getActualService()).isEqualTo(SERVICE);
    assertThat(failure.getRule()).isEqualTo("url_map.path_matchers[0].path_rules[0].paths[0]");
  }

  @Test
  void aGoodMapIsValid() {
    UrlMapValidationResult result = UrlMapValidation.result(NAME, map("*", "/").build(), FACTS);

    assertThat(result.getLoadSucceeded()).isTrue();
    assertThat(result.getTestPassed()).isTrue();
  }

  private static UrlMapTest.Builder test(String host, String path, String service) {
    return UrlMapTest.newBuilder().setHost(host).setPath(path).setService(service);
  }
}
