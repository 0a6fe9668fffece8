package io.openneg.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.backend.v1.CreateSslCertificateRequest;
import io.openneg.backend.v1.DeleteSslCertificateRequest;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.embedded.FreePorts;
import io.openneg.local.apply.ApplyCommand;
import io.openneg.local.apply.ApplyOptions;
import io.openneg.local.containers.Containers;
import io.openneg.local.system.LocalSystem;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files in examples/, as a user applies them, and traffic through what they make: containers on
 * VMs with alias IP ranges (seed, "Load balancing with containers").
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere only 127.0.0.1 is loopback")
@SuppressWarnings("NullAway.Init") // JUnit sets the fields
class ExamplesIT {
  private static final Path EXAMPLES = Path.of("../examples");

  @TempDir Path directory;

  private final LocalSystem system = TestSystem.shared();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private Containers containers;
  private HttpClient http;

  @BeforeEach
  void start() throws Exception {
    containers = Containers.start(system.api(), "projects/shop", "lab-a", FreePorts.next());
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterEach
  void stop() {
    http.close();
    containers.close();
  }

  /** What the command said, line by line, when the proxies had it. */
  private List<String> apply(String document, boolean prune) throws Exception {
    return apply(document, prune, true);
  }

  private List<String> apply(String document, boolean prune, boolean await) throws Exception {
    Path file = Files.writeString(directory.resolve("lb.yaml"), document);
    said.reset();
    PrintStream out = new PrintStream(said, true, UTF_8);
    int exitCode =
        new ApplyCommand(system.api(), out, out)
            .run(new ApplyOptions(file.toString(), "shop", false, prune, await));
    assertThat(exitCode).as(said.toString(UTF_8)).isZero();
    return said.toString(UTF_8).lines().toList();
  }

  /** The file with a free port in the place of its own. */
  private static String example(String name, String itsPort, int port) throws Exception {
    String document = Files.readString(EXAMPLES.resolve(name));
    assertThat(document).containsOnlyOnce("port_range: " + itsPort);
    return document.replace("port_range: " + itsPort, "port_range: " + port);
  }

  private String get(int port, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(5))
            .build();
    return http.send(request, BodyHandlers.ofString()).body().strip();
  }

  private void awaitAnswersFrom(int port, String path, String... containers) {
    Set<String> seen = new TreeSet<>();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(
            () -> {
              seen.add(get(port, path));
              return seen.containsAll(List.of(containers));
            });
  }

  /** Each request has a connection of its own: a proxy of bytes chooses once for each. */
  private static void awaitConnectionsTo(
      String url, @Nullable SSLContext trusting, String... containers) {
    Set<String> seen = new TreeSet<>();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(
            () -> {
              HttpClient.Builder client =
                  HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
              if (trusting != null) {
                client.sslContext(trusting);
              }
              try (HttpClient once = client.build()) {
                HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url + "/"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
                seen.add(once.send(request, BodyHandlers.ofString()).body().strip());
              }
              return seen.containsAll(List.of(containers));
            });
  }

  @Test
  void trafficGoesToTheContainersAndWhereTheChangedFileSaysNext() throws Exception {
    int port = FreePorts.next();
    String document = example("http.yaml", "8000", port);
    assertThat(apply(document, false)).contains("+ global/urlMaps/shop", "6 created");
    awaitAnswersFrom(port, "/", "web on vm-1", "web on vm-2");
    awaitAnswersFrom(port, "/cart/7", "cart on vm-1", "cart on vm-2");

    assertThat(apply(document, true)).containsExactly("nothing to change (6 resources)");

    assertThat(apply(document.replace("[/cart, /cart/*]", "[/cart, /cart/*, /basket]"), true))
        .contains(
            "~ global/urlMaps/shop",
            "    path_matchers[0].path_rules[0].paths[2]: (none) -> /basket",
            "1 updated, 5 unchanged");
    assertThat(get(port, "/basket")).startsWith("cart on");

    assertThat(apply("{}", true)).contains("- global/urlMaps/shop", "6 deleted");
  }

  @Test
  void anInternalLoadBalancerServesItsRegion() throws Exception {
    int port = FreePorts.next();
    assertThat(apply(example("internal-http.yaml", "8001", port), false)).contains("5 created");
    awaitAnswersFrom(port, "/", "cart on vm-1", "cart on vm-2");
    assertThat(apply("{}", true)).contains("5 deleted");
  }

  @Test
  void bytesGoToTheContainers() throws Exception {
    int port = FreePorts.next();
    assertThat(apply(example("tcp-proxy.yaml", "8002", port), false)).contains("4 created");
    awaitConnectionsTo("http://127.0.0.1:" + port, null, "cart on vm-1", "cart on vm-2");
    assertThat(apply("{}", true)).contains("4 deleted");
  }

  @Test
  void withACertificateTheSameIsServedOverTls() throws Exception {
    int https = FreePorts.next();
    int ssl = FreePorts.next();
    ServerIdentity certificate = ServerIdentity.create(directory);
    var certificates = system.api().sslCertificates();
    String name =
        certificates
            .createSslCertificate(
                CreateSslCertificateRequest.newBuilder()
                    .setParent("projects/shop/global")
                    .setSslCertificateId("shop")
                    .setSslCertificate(
                        SslCertificate.newBuilder().setCertificate(certificate.certificate()))
                    .setPrivateKey(certificate.key())
                    .build())
            .getName();
    String document =
        example("https.yaml", "8443", https).replaceFirst("port_range: 8444", "port_range: " + ssl);
    assertThat(apply(document, false)).contains("8 created");
    SSLContext trusting = certificate.clients();
    awaitConnectionsTo("https://localhost:" + https, trusting, "web on vm-1", "web on vm-2");
    awaitConnectionsTo("https://localhost:" + ssl, trusting, "cart on vm-1", "cart on vm-2");
    assertThat(apply("{}", true)).contains("8 deleted");
    certificates.deleteSslCertificate(
        DeleteSslCertificateRequest.newBuilder().setName(name).build());
  }

  /** Every file is one that can be applied, whatever else is there. */
  @Test
  void allFilesTogetherMakeOneProject() throws Exception {
    List<String> lines = new ArrayList<>();
    for (String[] file :
        new String[][] {
          {"http.yaml", "8000"}, {"internal-http.yaml", "8001"}, {"tcp-proxy.yaml", "8002"}
        }) {
      lines.addAll(apply(example(file[0], file[1], FreePorts.next()), false, false));
    }
    assertThat(lines).contains("6 created", "5 created", "4 created");
    // The fourth needs a certificate.
    try (var files = Files.list(EXAMPLES)) {
      assertThat(files.filter(file -> file.toString().endsWith(".yaml")).toList()).hasSize(4);
    }
    assertThat(apply("{}", true, false)).contains("15 deleted");
  }
}
