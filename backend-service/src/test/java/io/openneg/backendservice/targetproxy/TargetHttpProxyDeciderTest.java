package io.openneg.backendservice.targetproxy;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.backendservice.targetproxy.TargetHttpProxyCommand.Create;
import io.openneg.backendservice.targetproxy.TargetHttpProxyCommand.Delete;
import io.openneg.backendservice.targetproxy.TargetHttpProxyCommand.SetUrlMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TargetHttpProxyDeciderTest {
  private static final String NAME = "projects/p/global/targetHttpProxies/proxy";
  private static final String MAP = "projects/p/global/urlMaps/map";
  private static final String OTHER = "projects/p/global/urlMaps/other";
  private static final Facts FACTS = new Facts(Set.of(MAP, OTHER), List.of());

  private static Scenario<ResourceState<TargetHttpProxy>, TargetHttpProxyCommand> nothing() {
    return Scenario.of(new TargetHttpProxyDecider());
  }

  private static Create create(String urlMap) {
    return new Create(
        NAME,
        42,
        Timestamp.getDefaultInstance(),
        TargetHttpProxy.newBuilder().setUrlMap(urlMap).build(),
        FACTS);
  }

  @Test
  void theUrlMapIsNeededAndMustExist() {
    nothing().when(create("")).thenInvalid("target_http_proxy.url_map");
    nothing().when(create("projects/p/global/urlMaps/gone")).thenRejected("REFERENCE_NOT_FOUND");
  }

  @Test
  void theUrlMapIsReplaced() {
    var created = nothing().after(create(MAP));

    created.when(new SetUrlMap(NAME, MAP, FACTS)).thenNothing();
    created
        .after(new SetUrlMap(NAME, OTHER, FACTS))
        .when(new SetUrlMap(NAME, OTHER, FACTS))
        .thenNothing();
    created.when(new SetUrlMap(NAME, "nonsense", FACTS)).thenInvalid("url_map");
  }

  @Test
  void aUsedProxyIsNotDeleted() {
    nothing()
        .after(create(MAP))
        .when(new Delete(NAME, new Facts(Set.of(), List.of("rule"))))
        .thenRejected("RESOURCE_IN_USE");
  }
}
