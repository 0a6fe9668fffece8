package io.openneg.backendservice.backendservice;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.openneg.backendservice.resource.Backends;
import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.neg.v1.GetInstanceGroupRequest;
import io.openneg.neg.v1.GetNetworkEndpointGroupRequest;
import io.openneg.neg.v1.InstanceGroupsGrpc;
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
 * The network endpoint groups and instance groups that exist, as {@code neg.events.v1} tells; one
 * that it has not told of yet is asked for at neg-service, so a group can be used the moment it is
 * created. Thread-safe.
 */
public final class KnownGroups implements Projection {
  private final Jdbi jdbi;
  private final ManagedChannel channel;
  private final Duration deadline;

  /**
   * @param negService stays the caller's
   * @param deadline how long neg-service may take to answer
   */
  public KnownGroups(Jdbi jdbi, ManagedChannel negService, Duration deadline) {
    this.jdbi = jdbi;
    this.channel = negService;
    this.deadline = deadline;
  }

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    for (RecordedEvent recorded : events) {
      NegEvent event = parse(recorded.payload());
      switch (event.getEventCase()) {
        case NEG_CREATED ->
            remember(
                tx, recorded.stream(), event.getNegCreated().getNetworkEndpointGroup().getId());
        case INSTANCE_GROUP_CREATED ->
            remember(
                tx, recorded.stream(), event.getInstanceGroupCreated().getInstanceGroup().getId());
        case NEG_DELETED, INSTANCE_GROUP_DELETED ->
            tx.createUpdate("UPDATE known_group SET deleted = true WHERE name = :name")
                .bind("name", recorded.stream())
                .execute();
        default -> {
          // Nothing else makes or ends a group.
        }
      }
    }
  }

  @Override
  public void clear(Handle tx) {
    tx.execute("DELETE FROM known_group");
  }

  /**
   * Makes sure that {@link #facts} knows the groups, before a command's transaction.
   *
   * @throws RejectedException UNAVAILABLE when neg-service had to be asked and cannot be
   */
  public void learn(Collection<String> names) {
    Set<String> wanted = new LinkedHashSet<>();
    for (String name : names) {
      if (isNeg(name) || ResourceName.isName(name, Scope.ZONE, Backends.INSTANCE_GROUPS)) {
        wanted.add(name);
      }
    }
    GroupFacts known = jdbi.withHandle(handle -> facts(handle, wanted));
    for (String name : wanted) {
      if (!known.existing().contains(name) || known.fenced().contains(name)) {
        ask(name);
      }
    }
  }

  private void ask(String name) {
    // A neg-service that was away and is back is asked at once, not after a growing pause.
    channel.resetConnectBackoff();
    try {
      long id = isNeg(name) ? idOfNeg(name) : idOfInstanceGroup(name);
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

  private static boolean isNeg(String name) {
    return ResourceName.isName(name, Scope.ZONE, Backends.NETWORK_ENDPOINT_GROUPS);
  }

  private long idOfNeg(String name) {
    return NetworkEndpointGroupsGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .getNetworkEndpointGroup(GetNetworkEndpointGroupRequest.newBuilder().setName(name).build())
        .getId();
  }

  private long idOfInstanceGroup(String name) {
    return InstanceGroupsGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .getInstanceGroup(GetInstanceGroupRequest.newBuilder().setName(name).build())
        .getId();
  }

  private static void remember(Handle tx, String name, long id) {
    tx.createUpdate(
            """
            INSERT INTO known_group (name, id, deleted) VALUES (:name, :id, false)
            ON CONFLICT (name) DO UPDATE SET id = excluded.id, deleted = false
            """)
        .bind("name", name)
        .bind("id", id)
        .execute();
  }

  /** What is known of these groups, for a command. */
  public static GroupFacts facts(Handle handle, Collection<String> names) {
    Set<String> existing = new HashSet<>();
    Set<String> fenced = new HashSet<>();
    if (!names.isEmpty()) {
      handle
          .createQuery(
              """
              SELECT k.name, coalesce(f.fenced, false) AS fenced
              FROM known_group k LEFT JOIN group_fence f ON f.name = k.name AND f.id = k.id
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
    return new GroupFacts(existing, fenced);
  }

  private static NegEvent parse(byte[] payload) {
    try {
      return NegEvent.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a NegEvent", e);
    }
  }
}
