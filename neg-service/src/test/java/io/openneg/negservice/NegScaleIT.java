package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.openneg.neg.v1.NetworkEndpoint;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Groups as large as they get. Durations are printed and not judged. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class NegScaleIT {
  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  private NegClient client;

  @BeforeEach
  void connect() {
    client = new NegClient(service, "scale-" + UUID.randomUUID().toString().substring(0, 8));
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void tenThousandEndpointsComeAndGoInOneCall() {
    client.create("web");
    String[] ips = NegClient.ips(0, 10_000);
    for (int round = 1; round <= 3; round++) {
      timed("attach 10,000", () -> client.attach("web", ips));
      assertThat(client.get("web").getSize()).isEqualTo(10_000);
      timed("list 10,000", () -> client.members("web", 10_000));
      timed("detach 10,000", () -> client.detach("web", ips));
      assertThat(client.members("web", 10_000)).isEmpty();
    }
  }

  @Test
  void oneEndpointMoreIsNoHarderForALargeGroup() {
    client.create("small");
    client.create("large");
    client.attach("large", NegClient.ips(0, 9_000));
    for (int round = 1; round <= 3; round++) {
      for (String id : List.of("small", "large")) {
        long[] nanos = new long[200];
        for (int i = 0; i < nanos.length; i++) {
          String ip = "10.%d.1.%d".formatted(200 + round, i);
          long start = System.nanoTime();
          client.attach(id, ip);
          nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        print("attach 1 to the %s group: median %d us".formatted(id, nanos[100] / 1_000));
      }
    }
    assertThat(client.get("large").getSize()).isEqualTo(9_600);
  }

  @Test
  void tenThousandEndpointsMayBeAnnotatedToTheLimit() {
    client.create("web");
    List<NetworkEndpoint> endpoints =
        NegClient.endpoints(NegClient.ips(0, 10_000)).stream()
            .map(e -> e.toBuilder().putAnnotations("k", "v".repeat(1_023)).build())
            .toList();
    timed(
        "attach 10,000 with 1 KiB of annotations each",
        () -> client.stub().attachNetworkEndpoints(client.attachRequest("web", endpoints).build()));
    assertThat(client.members("web", 1_000)).hasSize(10_000);
  }

  /** Details travel in the trailer, for which clients have room for 8 KiB. */
  @Test
  void tenThousandBadEndpointsAreRefusedWithAnAnswerThatFits() {
    client.create("web");
    String[] ips = NegClient.ips(0, 10_000);
    client.attach("web", ips);
    Refusal attached = Refusal.of(() -> client.attach("web", ips));
    attached.is(Code.FAILED_PRECONDITION, "ENDPOINT_ALREADY_ATTACHED").saying("and 9999 more");
    assertThat(attached.subjects()).startsWith("network_endpoints[0]", "network_endpoints[1]");
    List<NetworkEndpoint> bad = new ArrayList<>();
    for (String ip : ips) {
      bad.add(
          NetworkEndpoint.newBuilder()
              .setInstance("vm")
              .setIpAddress("8" + ip.substring(2))
              .setPort(0)
              .build());
    }
    Refusal invalid =
        Refusal.of(
            () -> client.stub().attachNetworkEndpoints(client.attachRequest("web", bad).build()));
    invalid.is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT").saying("and 19999 more");
    assertThat(invalid.fields())
        .startsWith("network_endpoints[0].instance", "network_endpoints[0].port");
  }

  /** In the body, which has no such bound, every one of them is named. */
  @Test
  void tenThousandBadEndpointsAreAllNamedWhenAskedFor() {
    client.create("web");
    List<NetworkEndpoint> bad = new ArrayList<>();
    for (String ip : NegClient.ips(0, 10_000)) {
      bad.add(
          NetworkEndpoint.newBuilder()
              .setInstance("VM")
              .setIpAddress("8" + ip.substring(2))
              .setPort(0)
              .putAnnotations("k", "v".repeat(1_025))
              .build());
    }
    var answer =
        client
            .stub()
            .attachNetworkEndpoints(client.attachRequest("web", bad).setValidateOnly(true).build());
    assertThat(answer.getRejectedEndpointsCount()).isEqualTo(10_000);
    assertThat(answer.getRejectedEndpoints(9_999).getFaultsCount()).isEqualTo(3);
    print("10,000 rejected endpoints: %d bytes".formatted(answer.getSerializedSize()));
  }

  private static void timed(String what, Runnable call) {
    long start = System.nanoTime();
    call.run();
    print("%s: %d ms".formatted(what, Duration.ofNanos(System.nanoTime() - start).toMillis()));
  }

  @SuppressWarnings("SystemOut") // for whoever runs the test
  private static void print(String line) {
    System.out.println("MEASURED " + line);
  }
}
