package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.openneg.backend.v1.FenceGroupRequest;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deletion with a backend-service that says yes, says no, comes late or is away. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class NegDeletionIT {
  private static final String USER = "projects/p/global/backendServices/web";

  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  @ConfigProperty(name = "openneg.backend-service")
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  String backendService;

  private NegClient client;

  @BeforeEach
  void connect() {
    client = new NegClient(service, "del-" + UUID.randomUUID().toString().substring(0, 8));
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private FakeBackendService backendService() throws IOException {
    return FakeBackendService.start(
        Integer.parseInt(backendService.substring(backendService.indexOf(':') + 1)));
  }

  @Test
  void aGroupThatNobodyUsesIsFencedAndDeletedWithItsEndpoints() throws IOException {
    long id = client.create("web").getId();
    client.attach("web", "10.0.0.1");
    try (FakeBackendService backends = backendService()) {
      assertThat(client.delete("web")).isEqualTo(client.name("web") + "@4");
      assertThat(backends.asked())
          .containsExactly(
              FenceGroupRequest.newBuilder().setName(client.name("web")).setId(id).build());
    }
    Refusal.of(() -> client.get("web")).is(Code.NOT_FOUND, "NOT_FOUND");
    Refusal.of(() -> client.members("web", 0)).is(Code.NOT_FOUND, "NOT_FOUND");
    Refusal.of(() -> client.delete("web")).is(Code.NOT_FOUND, "NOT_FOUND");
  }

  @Test
  void aGroupCreatedAnewIsAnotherOneAndEmpty() throws IOException {
    long id = client.create("web").getId();
    client.attach("web", "10.0.0.1");
    try (var _ = backendService()) {
      client.delete("web");
      var again = client.create("web");
      assertThat(again.getId()).isNotEqualTo(id);
      assertThat(again.getSize()).isZero();
      assertThat(again.getChangeToken()).as("tokens only grow").endsWith("@5");
      assertThat(client.members("web", 0)).isEmpty();
    }
  }

  @Test
  void aGroupInUseStaysAsItWasAndTheUsersAreNamed() throws IOException {
    client.create("web");
    client.attach("web", "10.0.0.1");
    try (var _ = backendService().using(client.name("web"), USER, USER + "-2")) {
      assertThat(
              Refusal.of(() -> client.delete("web"))
                  .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE")
                  .saying(USER)
                  .subjects())
          .containsExactly(USER, USER + "-2");
    }
    assertThat(client.attach("web", "10.0.0.2").getSize()).isEqualTo(2);
  }

  @Test
  void aRepeatedDeleteGetsTheAnswerOfTheFirst() throws IOException {
    String refused = UUID.randomUUID().toString();
    String deleted = UUID.randomUUID().toString();
    client.create("web");
    try (var backends = backendService().using(client.name("web"), USER)) {
      Refusal.of(() -> client.delete("web", refused))
          .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE");
      backends.using(client.name("web"));
      String token = client.delete("web", deleted);
      client.create("web");
      assertThat(client.delete("web", deleted)).isEqualTo(token);
      Refusal.of(() -> client.delete("web", refused))
          .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE");
      assertThat(client.get("web").getSize()).as("the new group is still there").isZero();
    }
  }

  @Test
  void whileADeletionIsUndecidedNothingChangesAndASecondDeleteJoinsIt() throws Exception {
    client.create("web");
    client.attach("web", "10.0.0.1");
    CountDownLatch answer = new CountDownLatch(1);
    try (var backends = backendService().answeringAfter(answer);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> deletes = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        deletes.add(callers.submit(() -> deleteUntilDecided("web")));
      }
      await().until(() -> backends.asked().size() >= 16);
      Refusal.of(() -> client.attach("web", "10.0.0.2"))
          .is(Code.FAILED_PRECONDITION, "DELETION_IN_PROGRESS");
      Refusal.of(() -> client.detach("web", "10.0.0.1"))
          .is(Code.FAILED_PRECONDITION, "DELETION_IN_PROGRESS");
      Refusal.of(() -> client.create("web")).is(Code.ALREADY_EXISTS, "ALREADY_EXISTS");
      assertThat(client.get("web").getSize()).isEqualTo(1);
      answer.countDown();
      for (Future<String> delete : deletes) {
        assertThat(delete.get()).isEqualTo(client.name("web") + "@4");
      }
    }
  }

  @Test
  void aDeletionThatCannotBeDecidedIsCarriedThroughWhenBackendServiceIsBack() throws IOException {
    client.create("free");
    client.create("used");
    for (String id : List.of("free", "used")) {
      Refusal.of(() -> client.delete(id))
          .is(Code.UNAVAILABLE, "DELETION_NOT_DECIDED")
          .saying("is recorded and will be carried through");
      Refusal.of(() -> client.attach(id, "10.0.0.1"))
          .is(Code.FAILED_PRECONDITION, "DELETION_IN_PROGRESS");
    }
    try (var _ = backendService().using(client.name("used"), USER)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> isGone("free"));
      await().atMost(Duration.ofSeconds(30)).until(() -> takesEndpoints("used"));
    }
  }

  /** As a careful client does. */
  private String deleteUntilDecided(String id) {
    String requestId = UUID.randomUUID().toString();
    while (true) {
      try {
        return client.delete(id, requestId);
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
      }
    }
  }

  private boolean isGone(String id) {
    try {
      client.get(id);
      return false;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() == Code.NOT_FOUND;
    }
  }

  private boolean takesEndpoints(String id) {
    try {
      client.attach(id, "10.0.0.1");
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }
}
