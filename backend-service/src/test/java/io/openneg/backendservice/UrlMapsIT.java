package io.openneg.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import io.grpc.Status.Code;
import io.openneg.backend.v1.CreateUrlMapRequest;
import io.openneg.backend.v1.DeleteBackendServiceRequest;
import io.openneg.backend.v1.DeleteUrlMapRequest;
import io.openneg.backend.v1.GetUrlMapRequest;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.ListUrlMapsRequest;
import io.openneg.backend.v1.RequestMirrorPolicy;
import io.openneg.backend.v1.UpdateUrlMapRequest;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapTest;
import io.openneg.backend.v1.UrlMapValidationResult;
import io.openneg.backend.v1.ValidateUrlMapRequest;
import io.openneg.backend.v1.WeightedBackendService;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** URL maps over a real channel, on a real database. */
@QuarkusTest
@WithTestResource(BackendServiceResource.class)
@SuppressWarnings("NullAway.Init") // Quarkus and JUnit set the fields
class UrlMapsIT {
  @TestHTTPResource URI service;

  private BackendClient client;
  private String check;

  @BeforeEach
  void connect() {
    client = new BackendClient(service, "p-" + UUID.randomUUID().toString().substring(0, 8));
    check = client.createHealthCheck("hc").getName();
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private String backendService(String id) {
    return client.createBackendService(id, check).getName();
  }

  private UrlMap create(String id, UrlMap.Builder map) {
    return client.urlMaps.createUrlMap(
        CreateUrlMapRequest.newBuilder()
            .setParent(client.parent)
            .setUrlMapId(id)
            .setUrlMap(map)
            .build());
  }

  @Test
  void aServiceIsKeptByWeightAndAsAMirror() {
    String blue = backendService("blue");
    String green = backendService("green");
    String mirror = backendService("mirror");
    UrlMap map =
        create(
            "split",
            UrlMap.newBuilder()
                .setDefaultRouteAction(
                    HttpRouteAction.newBuilder()
                        .addWeightedBackendServices(weighted(blue, 1))
                        .addWeightedBackendServices(weighted(green, 0))
                        .setRequestMirrorPolicy(
                            RequestMirrorPolicy.newBuilder().setBackendService(mirror))));

    for (String used : new String[] {blue, green, mirror}) {
      assertThat(
              Refusal.of(() -> delete(used))
                  .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE")
                  .subjects())
          .containsExactly(map.getName());
    }
    var _ =
        client.urlMaps.deleteUrlMap(
            DeleteUrlMapRequest.newBuilder().setName(map.getName()).build());
    delete(green);
    assertThat(
            Refusal.of(
                    () ->
                        create(
                            "gone",
                            UrlMap.newBuilder()
                                .setDefaultRouteAction(
                                    HttpRouteAction.newBuilder()
                                        .addWeightedBackendServices(weighted(green, 1)))))
                .is(Code.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND")
                .subjects())
        .containsExactly(
            "url_map.default_route_action.weighted_backend_services[0].backend_service");
  }

  @Test
  void validationSavesNothing() {
    String web = backendService("web");
    UrlMap bad =
        UrlMap.newBuilder()
            .setDefaultService(web)
            .addTests(UrlMapTest.newBuilder().setHost("a").setPath("/").setService(web + "-2"))
            .build();
    String name = client.parent + "/urlMaps/never";
    UrlMapValidationResult result =
        client.urlMaps.validateUrlMap(
            ValidateUrlMapRequest.newBuilder().setName(name).setUrlMap(bad).build());

    assertThat(result.getLoadSucceeded()).isTrue();
    assertThat(result.getTestPassed()).isFalse();
    assertThat(result.getTestFailures(0).getActualService()).isEqualTo(web);
    Refusal.of(() -> client.urlMaps.getUrlMap(GetUrlMapRequest.newBuilder().setName(name).build()))
        .is(Code.NOT_FOUND, "NOT_FOUND");
    assertThat(
            Refusal.of(() -> create("never", bad.toBuilder()))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly("url_map.tests[0]");
  }

  @Test
  void anUpdateOfWhichATestFailsChangesNothing() {
    String web = backendService("web");
    String other = backendService("other");
    UrlMap map =
        create(
            "map",
            UrlMap.newBuilder()
                .setDefaultService(web)
                .addTests(UrlMapTest.newBuilder().setHost("a").setPath("/").setService(web)));

    assertThat(
            Refusal.of(
                    () ->
                        client.urlMaps.updateUrlMap(
                            UpdateUrlMapRequest.newBuilder()
                                .setUrlMap(map.toBuilder().setDefaultService(other))
                                .build()))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly("url_map.tests[0]");
    assertThat(
            client.urlMaps.getUrlMap(GetUrlMapRequest.newBuilder().setName(map.getName()).build()))
        .isEqualTo(map);
  }

  @Test
  void whoHasNotSeenAChangeDoesNotUndoIt() {
    String web = backendService("web");
    UrlMap seen = create("map", UrlMap.newBuilder().setDefaultService(web));
    assertThat(seen.getFingerprint()).isNotEmpty();
    UrlMap changed = update(seen.toBuilder().setDescription("one"));

    assertThat(changed.getFingerprint()).isNotEqualTo(seen.getFingerprint());
    assertThat(list("")).containsExactly(changed);
    Refusal.of(() -> update(seen.toBuilder().setDescription("two")))
        .is(Code.FAILED_PRECONDITION, "CONDITION_NOT_MET");
    assertThat(update(changed.toBuilder().setDescription("two")).getDescription()).isEqualTo("two");
  }

  private UrlMap update(UrlMap.Builder map) {
    return client.urlMaps.updateUrlMap(
        UpdateUrlMapRequest.newBuilder()
            .setUrlMap(map)
            .setUpdateMask(FieldMask.newBuilder().addPaths("description"))
            .build());
  }

  @Test
  void aListHoldsWhatPassesTheFilter() {
    String web = backendService("web");
    UrlMap shop = create("shop", UrlMap.newBuilder().setDefaultService(web));
    UrlMap blog =
        create("blog", UrlMap.newBuilder().setDefaultService(web).setDescription("Pages"));

    assertThat(list("")).containsExactly(blog, shop);
    assertThat(list("name eq sh.*")).containsExactly(shop);
    assertThat(list("description : pages")).containsExactly(blog);
    assertThat(list("default_service = " + web + "-2")).isEmpty();
    Refusal.of(() -> list("colour = red")).is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
  }

  private List<UrlMap> list(String filter) {
    return client
        .urlMaps
        .listUrlMaps(
            ListUrlMapsRequest.newBuilder().setParent(client.parent).setFilter(filter).build())
        .getUrlMapsList();
  }

  private static WeightedBackendService weighted(String service, int weight) {
    return WeightedBackendService.newBuilder().setBackendService(service).setWeight(weight).build();
  }

  private void delete(String backendService) {
    var _ =
        client.backendServices.deleteBackendService(
            DeleteBackendServiceRequest.newBuilder().setName(backendService).build());
  }
}
