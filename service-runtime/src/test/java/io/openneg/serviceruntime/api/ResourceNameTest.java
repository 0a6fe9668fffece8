package io.openneg.serviceruntime.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceNameTest {
  private static final String NEG = "projects/p1/zones/eu-west1-b/networkEndpointGroups/web-1";

  @Test
  void aNameHasFourParts() {
    ResourceName name = ResourceName.parse("name", NEG, Scope.ZONE, "networkEndpointGroups");
    assertThat(name)
        .isEqualTo(new ResourceName("p1", "zones/eu-west1-b", "networkEndpointGroups", "web-1"))
        .hasToString(NEG);
    assertThat(
            ResourceName.parse(
                "name", "projects/p/global/healthChecks/h", Scope.GLOBAL, "healthChecks"))
        .hasToString("projects/p/global/healthChecks/h");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "web-1",
        "projects/p1/zones/eu-west1-b/networkEndpointGroups/",
        "projects/p1/zones/eu-west1-b/networkEndpointGroups/web-1/",
        "/projects/p1/zones/eu-west1-b/networkEndpointGroups/web-1",
        "projects/p1/zones/eu-west1-b/networkEndpointGroups/Web",
        "projects/p1/zones/eu-west1-b/networkEndpointGroups/web-",
        "projects/p1/zones/eu-west1-b/networkEndpointGroups/1web",
        "projects/p1/zones/eu-west1-b/networkEndpointGroups/web\n",
        "projects/p1/zones/eu-west1-b/instanceGroups/web",
        "projects/p1/zones/-/networkEndpointGroups/web",
        "projects/p1/global/networkEndpointGroups/web",
        "projects/P1/zones/eu-west1-b/networkEndpointGroups/web"
      })
  void anythingElseIsRefusedWithTheFieldAndTheRule(String name) {
    assertThat(ResourceName.isName(name, Scope.ZONE, "networkEndpointGroups")).isFalse();
    assertThatThrownBy(() -> ResourceName.parse("neg", name, Scope.ZONE, "networkEndpointGroups"))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e ->
                assertThat(e.rejection().violations())
                    .containsExactly(
                        new Violation(
                            "neg",
                            "must be projects/{project}/zones/{zone}/networkEndpointGroups/{id}")));
  }

  @Test
  void aProjectHasTwoParts() {
    ResourceName.checkProject("parent", "projects/p-1");
    for (String name : new String[] {"", "p", "projects/", "projects/P", "projects/p/global"}) {
      assertThatThrownBy(() -> ResourceName.checkProject("parent", name))
          .isInstanceOfSatisfying(
              RejectedException.class,
              e ->
                  assertThat(e.rejection().violations())
                      .containsExactly(new Violation("parent", "must be projects/{project}")));
    }
  }

  @Test
  void anIdHasUpTo63Characters() {
    String parent = "projects/p/global";
    String longest = "a" + "-".repeat(61) + "z";
    assertThat(ResourceName.of(parent, Scope.GLOBAL, "urlMaps", "id", longest).id())
        .isEqualTo(longest);
    for (String id : new String[] {"", "a" + "b".repeat(63), "-a", "a_b", "ä"}) {
      assertThatThrownBy(() -> ResourceName.of(parent, Scope.GLOBAL, "urlMaps", "id", id))
          .isInstanceOfSatisfying(
              RejectedException.class,
              e ->
                  assertThat(e.rejection().violations())
                      .extracting(Violation::subject)
                      .containsExactly("id"));
    }
  }

  @Test
  void aResourceIsCreatedInOneZoneAndListedInOneOrAll() {
    assertThatThrownBy(
            () ->
                ResourceName.of(
                    "projects/p/zones/-", Scope.ZONE, "networkEndpointGroups", "id", "web"))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("'parent'");
    assertThat(ResourceName.prefix("projects/p/zones/z", Scope.ZONE, "networkEndpointGroups"))
        .isEqualTo("projects/p/zones/z/networkEndpointGroups/");
    assertThat(ResourceName.prefix("projects/p/zones/-", Scope.ZONE, "networkEndpointGroups"))
        .isEqualTo("projects/p/zones/");
    assertThatThrownBy(() -> ResourceName.prefix("projects/p/global", Scope.ZONE, "urlMaps"))
        .isInstanceOf(RejectedException.class);
  }
}
