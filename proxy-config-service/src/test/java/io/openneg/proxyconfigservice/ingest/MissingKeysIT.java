package io.openneg.proxyconfigservice.ingest;

import static io.openneg.proxyconfigservice.Fixtures.certificate;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.GetSealedKeyRequest;
import io.openneg.backend.v1.SealedKey;
import io.openneg.backend.v1.SealedKeysGrpc;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import io.openneg.proxyconfigservice.EventScript;
import io.openneg.proxyconfigservice.TestDatabase;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // JUnit sets the fields
class MissingKeysIT {
  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
  private static final Jdbi JDBI = TestDatabase.create();

  private final Map<Long, String> keys = new ConcurrentHashMap<>();
  private final EventScript script = new EventScript(NOW);
  private final RoutingProjection projection = new RoutingProjection(() -> NOW);
  private Server server;
  private ManagedChannel channel;
  private MissingKeys missing;

  /** backend-service's side, with the keys that the test gives it. */
  private final class Kept extends SealedKeysGrpc.SealedKeysImplBase {
    @Override
    public void getSealedKey(GetSealedKeyRequest request, StreamObserver<SealedKey> reply) {
      String key = keys.get(request.getId());
      if (key == null) {
        reply.onError(Status.NOT_FOUND.asRuntimeException());
      } else {
        reply.onNext(SealedKey.newBuilder().setSealed(ByteString.copyFromUtf8(key)).build());
        reply.onCompleted();
      }
    }
  }

  @BeforeEach
  void connect() throws IOException {
    JDBI.useTransaction(projection::clear);
    String name = UUID.randomUUID().toString();
    server = InProcessServerBuilder.forName(name).addService(new Kept()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
    missing = new MissingKeys(JDBI, channel, InstantSource.fixed(NOW), () -> {});
  }

  @AfterEach
  void disconnect() {
    missing.close();
    channel.shutdownNow();
    server.shutdownNow();
  }

  private void apply() {
    JDBI.useTransaction(tx -> projection.apply(tx, script.events()));
  }

  private Collection<String> sealed() {
    return JDBI
        .withHandle(h -> RoutingRows.current(h, RowKind.SSL_CERTIFICATE, ""))
        .values()
        .stream()
        .map(row -> ((KeyedCertificate) row).getSealedKey().toStringUtf8())
        .toList();
  }

  @Test
  void aKeyIsFetchedOnceAndKept() {
    script.createCertificate(certificate("c"), 7);
    apply();
    assertThat(missing.fetch()).as("before it is there").isFalse();
    assertThat(sealed()).containsExactly("");

    keys.put(7L, "sealed");
    assertThat(missing.fetch()).isTrue();
    assertThat(sealed()).containsExactly("sealed");
    keys.clear();
    assertThat(missing.fetch()).as("again").isFalse();
    assertThat(sealed()).containsExactly("sealed");
  }

  @Test
  void aCertificateCreatedAnewGetsItsOwnKey() {
    keys.put(7L, "first");
    script.createCertificate(certificate("c"), 7);
    apply();
    assertThat(missing.fetch()).isTrue();
    EventScript later =
        script.deleteCertificate(certificate("c")).createCertificate(certificate("c"), 8);
    JDBI.useTransaction(tx -> projection.apply(tx, later.events().subList(1, 3)));
    assertThat(sealed()).containsExactly("");

    keys.put(8L, "second");
    assertThat(missing.fetch()).isTrue();
    assertThat(sealed()).containsExactly("second");
  }

  @Test
  void withoutBackendServiceItIsTriedAgainLater() {
    script.createCertificate(certificate("c"), 7);
    apply();
    server.shutdownNow();

    assertThat(missing.fetch()).isFalse();
    assertThat(sealed()).containsExactly("");
  }
}
