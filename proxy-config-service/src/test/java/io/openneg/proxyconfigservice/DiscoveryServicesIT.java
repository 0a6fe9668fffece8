package io.openneg.proxyconfigservice;

import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.cluster.v3.ClusterDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.endpoint.v3.EndpointDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.listener.v3.ListenerDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.route.v3.RouteDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Every discovery service on a real connection, in both wire forms. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiscoveryServicesIT {
  private static final Node NODE = Node.newBuilder().setId("it-delta").build();

  private final Database database = TestServers.freshDatabase();
  private final int port = FreePorts.next();

  /** What a stream brought. */
  private static final class Answers<A> implements StreamObserver<A> {
    private final List<A> received = new CopyOnWriteArrayList<>();
    private final AtomicReference<Status> end = new AtomicReference<>();

    @Override
    public void onNext(A answer) {
      received.add(answer);
    }

    @Override
    public void onError(Throwable error) {
      end.set(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      end.set(Status.OK);
    }

    A first() {
      await().atMost(Story.SOON).until(() -> !received.isEmpty());
      return received.getFirst();
    }

    Status end() {
      await().atMost(Story.SOON).until(() -> end.get() != null);
      return end.get();
    }
  }

  @Test
  void aDeltaClientThatComesBackAfterARestartIsToldOnlyWhatDiffers() {
    Story.told();
    Map<String, String> versions;
    try (ServiceProcess service = ServiceProcess.start(port, database)) {
      Answers<DeltaDiscoveryResponse> answers = new Answers<>();
      var requests = delta(service, answers);
      requests.onNext(clusters().build());
      versions =
          answers.first().getResourcesList().stream()
              .collect(Collectors.toMap(Resource::getName, Resource::getVersion));
      assertThat(versions).containsKey(service("web"));
      service.kill();
    }
    try (ServiceProcess service = ServiceProcess.start(port, database)) {
      Answers<DeltaDiscoveryResponse> answers = new Answers<>();
      var requests = delta(service, answers);
      requests.onNext(
          clusters()
              .putAllInitialResourceVersions(versions)
              .putInitialResourceVersions("deleted", "1")
              .build());
      // Asked for later, so that an answer about the clusters would come first. The one about what
      // was deleted does not: it waits for listeners.
      requests.onNext(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(XdsType.ENDPOINTS.typeUrl())
              .addResourceNamesSubscribe(service("web"))
              .build());
      assertThat(answers.first().getTypeUrl()).isEqualTo(XdsType.ENDPOINTS.typeUrl());
      await().atMost(Story.SOON).until(() -> answers.received.size() == 2);
      assertThat(answers.received.getLast().getResourcesList()).isEmpty();
      assertThat(answers.received.getLast().getRemovedResourcesList()).containsExactly("deleted");
    }
  }

  @Test
  void eachTypeHasAServiceOfItsOwn() {
    Story.told();
    try (ServiceProcess service = ServiceProcess.start(port, database)) {
      Answers<DeltaDiscoveryResponse> clusters = new Answers<>();
      ClusterDiscoveryServiceGrpc.newStub(service.channel())
          .deltaClusters(clusters)
          .onNext(DeltaDiscoveryRequest.newBuilder().setNode(NODE).build());
      assertThat(clusters.first().getResources(0).getName()).isEqualTo(service("web"));

      Answers<DiscoveryResponse> endpoints = new Answers<>();
      EndpointDiscoveryServiceGrpc.newStub(service.channel())
          .streamEndpoints(endpoints)
          .onNext(
              DiscoveryRequest.newBuilder().setNode(NODE).addResourceNames(service("web")).build());
      assertThat(endpoints.first().getTypeUrl()).isEqualTo(XdsType.ENDPOINTS.typeUrl());

      Answers<DeltaDiscoveryResponse> listeners = new Answers<>();
      ListenerDiscoveryServiceGrpc.newStub(service.channel())
          .deltaListeners(listeners)
          .onNext(DeltaDiscoveryRequest.newBuilder().setNode(NODE).build());
      assertThat(listeners.first().getResourcesCount()).isEqualTo(1);

      Answers<DiscoveryResponse> routes = new Answers<>();
      RouteDiscoveryServiceGrpc.newStub(service.channel())
          .streamRoutes(routes)
          .onNext(
              DiscoveryRequest.newBuilder().setNode(NODE).addResourceNames(urlMap("m")).build());
      assertThat(routes.first().getTypeUrl()).isEqualTo(XdsType.ROUTES.typeUrl());
    }
  }

  @Test
  void anotherTypeThanTheServicesOwnIsAnError() {
    try (ServiceProcess service = ServiceProcess.start(port, database)) {
      Answers<DeltaDiscoveryResponse> answers = new Answers<>();
      ClusterDiscoveryServiceGrpc.newStub(service.channel())
          .deltaClusters(answers)
          .onNext(
              DeltaDiscoveryRequest.newBuilder()
                  .setNode(NODE)
                  .setTypeUrl(XdsType.LISTENER.typeUrl())
                  .build());
      assertThat(answers.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(answers.end().getDescription()).contains("Listener").contains("only");
    }
  }

  @Test
  void toolsCanReadWhatEachClientHas() {
    Story.told();
    try (ServiceProcess service = ServiceProcess.start(port, database)) {
      Answers<DeltaDiscoveryResponse> answers = new Answers<>();
      var requests = delta(service, answers);
      requests.onNext(clusters().build());
      requests.onNext(clusters().clearNode().setResponseNonce(answers.first().getNonce()).build());
      ClientStatusRequest request =
          ClientStatusRequest.newBuilder()
              .addNodeMatchers(
                  NodeMatcher.newBuilder()
                      .setNodeId(StringMatcher.newBuilder().setExact(NODE.getId())))
              .build();
      var csds = ClientStatusDiscoveryServiceGrpc.newBlockingStub(service.channel());
      await()
          .atMost(Story.SOON)
          .untilAsserted(
              () ->
                  assertThat(csds.fetchClientStatus(request).getConfigList())
                      .singleElement()
                      .satisfies(
                          config -> {
                            assertThat(config.getNode().getId()).isEqualTo(NODE.getId());
                            assertThat(config.getGenericXdsConfigs(0).getName())
                                .isEqualTo(service("web"));
                            assertThat(config.getGenericXdsConfigs(0).getClientStatus())
                                .isEqualTo(ClientResourceStatus.ACKED);
                          }));

      // As grpcdebug does: one request, and no more to say.
      Answers<ClientStatusResponse> stream = new Answers<>();
      var asked =
          ClientStatusDiscoveryServiceGrpc.newStub(service.channel()).streamClientStatus(stream);
      asked.onNext(ClientStatusRequest.getDefaultInstance());
      asked.onCompleted();
      assertThat(stream.first().getConfigCount()).isEqualTo(1);
      assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);

      var nobody =
          csds.fetchClientStatus(
              ClientStatusRequest.newBuilder()
                  .addNodeMatchers(
                      NodeMatcher.newBuilder()
                          .setNodeId(StringMatcher.newBuilder().setExact("nobody")))
                  .build());
      assertThat(nobody.getConfigList()).isEmpty();
    }
  }

  private static StreamObserver<DeltaDiscoveryRequest> delta(
      ServiceProcess service, Answers<DeltaDiscoveryResponse> answers) {
    return AggregatedDiscoveryServiceGrpc.newStub(service.channel())
        .deltaAggregatedResources(answers);
  }

  private static DeltaDiscoveryRequest.Builder clusters() {
    return DeltaDiscoveryRequest.newBuilder().setNode(NODE).setTypeUrl(XdsType.CLUSTER.typeUrl());
  }
}
