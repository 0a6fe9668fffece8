package io.openneg.healthservice.target;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.SqlArrays;
import io.openneg.neg.v1.EndpointAttached;
import io.openneg.neg.v1.EndpointDetached;
import io.openneg.neg.v1.NamedPort;
import io.openneg.neg.v1.NegEvent;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The endpoints of all groups, instance groups too, from neg.events.v1. */
final class EndpointTable {

  /** In place of the version of an endpoint that was attached earlier. */
  private static final long AS_BEFORE = 0;

  record Key(String neg, String ip, int port) {}

  private record Row(Key key, String instance, long attachedVersion) {}

  void apply(Handle tx, List<RecordedEvent> events) {
    // The last word on each endpoint; an attach call of 10,000 endpoints is one statement.
    Map<Key, Optional<Row>> pending = new LinkedHashMap<>();
    Map<Key, Instant> detachedAt = new HashMap<>();
    // Written last: what is detached goes by the names that its port had.
    Map<String, List<NamedPort>> ports = new LinkedHashMap<>();
    for (RecordedEvent recorded : events) {
      NegEvent event = parse(recorded);
      switch (event.getEventCase()) {
        case ENDPOINT_ATTACHED -> {
          EndpointAttached attached = event.getEndpointAttached();
          var endpoint = attached.getNetworkEndpoint();
          Key key = new Key(recorded.stream(), endpoint.getIpAddress(), endpoint.getPort());
          pending.put(key, Optional.of(new Row(key, endpoint.getInstance(), recorded.version())));
        }
        case ENDPOINT_UPDATED -> {
          var endpoint = event.getEndpointUpdated().getNetworkEndpoint();
          Key key = new Key(recorded.stream(), endpoint.getIpAddress(), endpoint.getPort());
          // It is the same endpoint as before: its probes go on.
          long version =
              pending
                  .getOrDefault(key, Optional.empty())
                  .map(Row::attachedVersion)
                  .orElse(AS_BEFORE);
          pending.put(key, Optional.of(new Row(key, endpoint.getInstance(), version)));
        }
        case ENDPOINT_DETACHED -> {
          EndpointDetached detached = event.getEndpointDetached();
          Key key = new Key(recorded.stream(), detached.getIpAddress(), detached.getPort());
          pending.put(key, Optional.empty());
          detachedAt.put(key, recorded.occurredAt());
        }
        case NEG_DELETED -> {
          write(tx, pending, detachedAt);
          pending.clear();
          deleteAll(tx, recorded.stream());
        }
        case INSTANCE_GROUP_CREATED ->
            ports.put(
                recorded.stream(),
                event.getInstanceGroupCreated().getInstanceGroup().getNamedPortsList());
        case NAMED_PORTS_SET ->
            ports.put(recorded.stream(), event.getNamedPortsSet().getNamedPortsList());
        case INSTANCE_GROUP_DELETED -> {
          write(tx, pending, detachedAt);
          pending.clear();
          ports.put(recorded.stream(), List.of());
          deleteAll(tx, recorded.stream());
        }
        // EVENT_NOT_SET: a kind of event younger than this code; none of those can concern it yet.
        case NEG_CREATED,
            NEG_DELETION_STARTED,
            NEG_DELETION_REFUSED,
            INSTANCE_GROUP_DELETION_STARTED,
            INSTANCE_GROUP_DELETION_REFUSED,
            EVENT_NOT_SET -> {}
        // Where endpoints may come from; endpoints say themselves that they are there.
        case NETWORK_CREATED,
            NETWORK_SWITCHED_TO_CUSTOM_MODE,
            NETWORK_DELETED,
            SUBNETWORK_CREATED,
            SUBNETWORK_UPDATED,
            SUBNETWORK_DELETED,
            INSTANCE_CREATED,
            INSTANCE_UPDATED,
            INSTANCE_DELETED,
            INSTANCES_ADDED,
            INSTANCES_REMOVED -> {}
      }
    }
    write(tx, pending, detachedAt);
    ports.forEach((group, named) -> namePorts(tx, group, named));
  }

  private static NegEvent parse(RecordedEvent recorded) {
    try {
      return NegEvent.parseFrom(recorded.payload());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(recorded.id() + " is not a NegEvent", e);
    }
  }

  private static void write(
      Handle tx, Map<Key, Optional<Row>> pending, Map<Key, Instant> detachedAt) {
    if (pending.isEmpty()) {
      return;
    }
    List<Row> present = pending.values().stream().flatMap(Optional::stream).toList();
    List<Key> absent = new ArrayList<>();
    pending.forEach(
        (key, row) -> {
          if (row.isEmpty()) {
            absent.add(key);
          }
        });
    upsert(tx, present);
    DrainingTable.attached(tx, present.stream().map(Row::key).toList());
    detachedAt.keySet().retainAll(absent);
    DrainingTable.detached(tx, detachedAt);
    delete(tx, absent);
    markChanged(tx, List.copyOf(pending.keySet()));
  }

  private static void upsert(Handle tx, List<Row> rows) {
    if (rows.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            INSERT INTO endpoint (neg, ip, port, instance, attached_version)
            SELECT e.neg, e.ip::inet, e.port, e.instance, e.version
            FROM unnest(:negs, :ips, :ports, :instances, :versions)
              AS e (neg, ip, port, instance, version)
            ON CONFLICT (neg, ip, port)
              DO UPDATE SET instance = excluded.instance,
                attached_version = COALESCE(NULLIF(excluded.attached_version, 0), endpoint.attached_version)
            """)
        .bindBySqlType("negs", SqlArrays.of(tx, "text", rows, row -> row.key().neg()), Types.ARRAY)
        .bindBySqlType("ips", SqlArrays.of(tx, "text", rows, row -> row.key().ip()), Types.ARRAY)
        .bindBySqlType(
            "ports", SqlArrays.of(tx, "int4", rows, row -> row.key().port()), Types.ARRAY)
        .bindBySqlType("instances", SqlArrays.of(tx, "text", rows, Row::instance), Types.ARRAY)
        .bindBySqlType(
            "versions", SqlArrays.of(tx, "int8", rows, Row::attachedVersion), Types.ARRAY)
        .execute();
  }

  private static void delete(Handle tx, List<Key> keys) {
    if (keys.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            DELETE FROM endpoint e
            USING unnest(:negs, :ips, :ports) AS d (neg, ip, port)
            WHERE e.neg = d.neg AND e.ip = d.ip::inet AND e.port = d.port
            """)
        .bindBySqlType("negs", SqlArrays.of(tx, "text", keys, Key::neg), Types.ARRAY)
        .bindBySqlType("ips", SqlArrays.of(tx, "text", keys, Key::ip), Types.ARRAY)
        .bindBySqlType("ports", SqlArrays.of(tx, "int4", keys, Key::port), Types.ARRAY)
        .execute();
  }

  private static void markChanged(Handle tx, List<Key> keys) {
    tx.createUpdate(
            """
            INSERT INTO changed_endpoint (ip, port)
            SELECT DISTINCT c.ip::inet, c.port FROM unnest(:ips, :ports) AS c (ip, port)
            """)
        .bindBySqlType("ips", SqlArrays.of(tx, "text", keys, Key::ip), Types.ARRAY)
        .bindBySqlType("ports", SqlArrays.of(tx, "int4", keys, Key::port), Types.ARRAY)
        .execute();
  }

  private static void namePorts(Handle tx, String group, List<NamedPort> named) {
    tx.createUpdate("DELETE FROM named_port WHERE instance_group = :group")
        .bind("group", group)
        .execute();
    tx.createUpdate(
            """
            INSERT INTO named_port (instance_group, name, port)
            SELECT :group, p.name, p.port FROM unnest(:names, :ports) AS p (name, port)
            """)
        .bind("group", group)
        .bindBySqlType("names", SqlArrays.of(tx, "text", named, NamedPort::getName), Types.ARRAY)
        .bindBySqlType("ports", SqlArrays.of(tx, "int4", named, NamedPort::getPort), Types.ARRAY)
        .execute();
    tx.createUpdate(
            """
            INSERT INTO changed_endpoint (ip, port)
            SELECT ip, port FROM endpoint WHERE neg = :group
            """)
        .bind("group", group)
        .execute();
  }

  private static void deleteAll(Handle tx, String neg) {
    tx.createUpdate(
            """
            WITH gone AS (DELETE FROM endpoint WHERE neg = :neg RETURNING ip, port)
            INSERT INTO changed_endpoint (ip, port) SELECT ip, port FROM gone
            """)
        .bind("neg", neg)
        .execute();
  }
}
