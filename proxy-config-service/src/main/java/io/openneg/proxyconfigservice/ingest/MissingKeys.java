package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.openneg.backend.v1.GetSealedKeyRequest;
import io.openneg.backend.v1.SealedKeysGrpc;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import io.openneg.proxyconfigservice.ingest.RowChanges.RevisedRow;
import io.openneg.proxyconfigservice.ingest.RowChanges.Revision;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the private keys that no event has, sealed as they are kept, and puts each into its
 * certificate's row as a revision with its own cause. From then on backend-service is not needed
 * for it. Every replica runs one; whoever comes first does it. Thread-safe.
 */
public final class MissingKeys implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MissingKeys.class);
  private static final long TICK_MS = 500;
  private static final long DEADLINE_MS = 2_000;

  private final Jdbi jdbi;
  private final Channel backendService;
  private final InstantSource clock;
  private final Runnable changed;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("missing-keys").daemon().factory());

  /**
   * @param changed called after a change; must not block
   */
  public MissingKeys(Jdbi jdbi, Channel backendService, InstantSource clock, Runnable changed) {
    this.jdbi = jdbi;
    this.backendService = backendService;
    this.clock = clock;
    this.changed = changed;
  }

  public void start() {
    var _ = timer.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    try {
      if (fetch()) {
        changed.run();
      }
    } catch (RuntimeException e) {
      LOG.debug("missing keys could not be looked at, trying again: {}", e.toString());
    }
  }

  /** Fetches what can be had; says whether anything could. */
  boolean fetch() {
    Map<RowKey, KeyedCertificate> keyed = new HashMap<>();
    for (Map.Entry<RowKey, KeyedCertificate> row : certificates().entrySet()) {
      if (row.getValue().getSealedKey().isEmpty()) {
        ByteString key = ask(row.getValue().getCertificate());
        if (!key.isEmpty()) {
          keyed.put(row.getKey(), row.getValue().toBuilder().setSealedKey(key).build());
        }
      }
    }
    return !keyed.isEmpty() && save(keyed);
  }

  private Map<RowKey, KeyedCertificate> certificates() {
    Map<RowKey, KeyedCertificate> rows = new HashMap<>();
    jdbi.withHandle(handle -> RoutingRows.current(handle, RowKind.SSL_CERTIFICATE, ""))
        .forEach((key, content) -> rows.put(key, (KeyedCertificate) content));
    return rows;
  }

  private ByteString ask(SslCertificate certificate) {
    try {
      return SealedKeysGrpc.newBlockingStub(backendService)
          .withDeadlineAfter(DEADLINE_MS, TimeUnit.MILLISECONDS)
          .getSealedKey(
              GetSealedKeyRequest.newBuilder()
                  .setCertificate(certificate.getName())
                  .setId(certificate.getId())
                  .build())
          .getSealed();
    } catch (StatusRuntimeException e) {
      // Not found: it was deleted, which its next event will say.
      if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
        LOG.warn("no private key for {} yet: {}", certificate.getName(), e.getStatus());
      }
      return ByteString.EMPTY;
    }
  }

  private boolean save(Map<RowKey, KeyedCertificate> keyed) {
    return jdbi.inTransaction(
        tx -> {
          long revision = RoutingRows.lockHead(tx) + 1;
          Map<RowKey, Message> now = RoutingRows.current(tx, keyed.keySet());
          List<RevisedRow> changes = new ArrayList<>();
          keyed.forEach(
              (key, certificate) -> {
                if (isStill((KeyedCertificate) now.get(key), certificate)) {
                  changes.add(new RevisedRow(new RowChange(key, certificate), revision));
                }
              });
          if (changes.isEmpty()) {
            return false;
          }
          RoutingRows.write(
              tx,
              List.of(
                  new Revision(
                      revision,
                      clock.instant(),
                      "private keys: %d fetched".formatted(changes.size()),
                      "")),
              changes);
          return true;
        });
  }

  /** Whether a row is still without a key, and of the certificate that one was fetched for. */
  private static boolean isStill(@Nullable KeyedCertificate now, KeyedCertificate keyed) {
    return now != null
        && now.getSealedKey().isEmpty()
        && now.getCertificate().getId() == keyed.getCertificate().getId();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
