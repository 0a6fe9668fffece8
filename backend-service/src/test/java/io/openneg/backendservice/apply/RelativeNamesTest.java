package io.openneg.backendservice.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.UrlMap;
import org.junit.jupiter.api.Test;

class RelativeNamesTest {

  @Test
  void namesAndReferencesAreCompletedAndNothingElse() {
    BackendService service =
        BackendService.newBuilder()
            .setName("global/backendServices/web")
            .setDescription("global/this is no name")
            .setId(7)
            .setChangeToken("x@1")
            .addHealthChecks("global/healthChecks/web")
            .addHealthChecks("projects/q/global/healthChecks/web")
            .addBackends(Backend.newBuilder().setGroup("zones/z/networkEndpointGroups/web"))
            .build();
    assertThat(RelativeNames.complete("projects/p", service))
        .isEqualTo(
            service.toBuilder()
                .clearId()
                .clearChangeToken()
                .setName("projects/p/global/backendServices/web")
                .setHealthChecks(0, "projects/p/global/healthChecks/web")
                .setBackends(
                    0,
                    Backend.newBuilder().setGroup("projects/p/zones/z/networkEndpointGroups/web"))
                .build());
  }

  @Test
  void namesWithinAUrlMapAreItsOwn() {
    UrlMap map =
        UrlMap.newBuilder()
            .setName("regions/r/urlMaps/web")
            .addPathMatchers(
                PathMatcher.newBuilder()
                    .setName("global/x")
                    .setDefaultService("regions/r/backendServices/web"))
            .build();
    UrlMap completed = RelativeNames.complete("projects/p", map);
    assertThat(completed.getName()).isEqualTo("projects/p/regions/r/urlMaps/web");
    assertThat(completed.getPathMatchers(0))
        .isEqualTo(
            PathMatcher.newBuilder()
                .setName("global/x")
                .setDefaultService("projects/p/regions/r/backendServices/web")
                .build());
  }
}
