package io.openneg.backendservice.backendservice;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.neg.v1.GetNetworkEndpointGroupRequest;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.NetworkEndpointGroupsGrpc;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The network endpoint groups that exist, as {@code neg.events.v1} tells; one that it has not told
 * of yet is asked for at neg-service, so a group can be used the moment it is created. Thread-safe.
 */
public final class KnownNegs implements Projection {
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private final Jdbi jdbi;
  private final NetworkEndpointGroupsGrpc.NetworkEndpointGroupsBlockingStub negService;

  /**
   * @param negService stays the caller's
   */
  public KnownNegs(Jdbi jdbi, Channel negService) {
    this.jdbi = jdbi;
    this.negService = NetworkEndpointGroupsGrpc.newBlockingStub(negService);
  }

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    for (RecordedEvent recorded : events) {
      NegEvent event = parse(recorded.payload());
      if (event.hasNegCreated()) {
        remember(tx, recorded.stream(), event.getNegCreated().getNetworkEndpointGroup().getId());
      } else if (event.hasNegDeleted()) {
        tx.createUpdate("UPDATE known_neg SET deleted = true WHERE name = :name")
            .bind("name", recorded.stream())
            .execute();
      }
    }
  }

  @Override
  public void clear(Handle tx) {
    tx.execute("DELETE FROM known_neg");
  }

  /**
   * Makes sure that {@link #facts} knows the groups, before a command's transaction.
   *
   * @throws RejectedException UNAVAILABLE when neg-service had to be asked and cannot be
   */
  public void learn(Collection<String> names) {
    Set<String> wanted = new LinkedHashSet<>();
    for (String name : names) {
      if (ResourceName.isName(name, Scope.ZONE, "networkEndpointGroups")) {
        wanted.add(name);
      }
    }
    NegFacts known = jdbi.withHandle(handle -> facts(handle, wanted));
    for (String name : wanted) {
      if (!known.existing().contains(name) || known.fenced().contains(name)) {
        ask(name);
      }
    }
  }

  private void ask(String name) {
    try {
      long id =
          negService
              .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
              .getNetworkEndpointGroup(
                  GetNetworkEndpointGroupRequest.newBuilder().setName(name).build())
              .getId();
      jdbi.useTransaction(tx -> remember(tx, name, id));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return;
      }
      throw new RejectedException(
          new Rejection(
              Kind.UNAVAILABLE,
              "NEG_SERVICE_UNAVAILABLE",
              "whether '%s' exists cannot be found out: neg-service does not answer (%s)"
                  .formatted(name, e.getStatus().getCode())));
    }
  }

  private static void remember(Handle tx, String name, long id) {
    tx.createUpdate(
            """
            INSERT INTO known_neg (name, id, deleted) VALUES (:name, :id, false)
            ON CONFLICT (name) DO UPDATE SET id = excluded.id, deleted = false
            """)
        .bind("name", name)
        .bind("id", id)
        .execute();
  }

  /** What is known of these groups, for a command. */
  public static NegFacts facts(Handle handle, Collection<String> names) {
    Set<String> existing = new HashSet<>();
    Set<String> fenced = new HashSet<>();
    if (!names.isEmpty()) {
      handle
          .createQuery(
              """
              SELECT k.name, coalesce(f.fenced, false) AS fenced
              FROM known_neg k LEFT JOIN neg_fence f ON f.name = k.name AND f.id = k.id
              WHERE k.name IN (<names>) AND NOT k.deleted
              """)
          .bindList("names", List.copyOf(names))
          .map(
              (row, _) -> {
                if (row.getBoolean("fenced")) {
                  fenced.add(row.getString("name"));
                }
                return existing.add(row.getString("name"));
              })
          .list();
    }
    return new NegFacts(existing, fenced);
  }

  private static NegEvent parse(byte[] payload) {
    try {
      return NegEvent.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a NegEvent", e);
    }
  }
}
