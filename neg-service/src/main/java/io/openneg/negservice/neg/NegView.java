package io.openneg.negservice.neg;

import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.SqlArrays;
import io.openneg.eventlog.SqlRows;
import io.openneg.negservice.neg.NegChanges.OfGroup;
import io.vertx.core.json.JsonObject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The groups and endpoints there are, as tables. Thread-safe. */
public final class NegView implements Projection {
  /** Costs half as much again as an insert alone. */
  private static final String OR_REPLACE =
      """
      ON CONFLICT (neg, ip, port) DO UPDATE SET
        instance = excluded.instance, annotations = excluded.annotations,
        instance_name = excluded.instance_name, network = excluded.network,
        range = excluded.range
      """;

  private final NegEventCodec codec = new NegEventCodec();
  private final NegCheckpoints checkpoints;

  public NegView() {
    this(NegCheckpoints.EVERY);
  }

  /**
   * @param checkpointEvery see {@link NegCheckpoints}
   */
  NegView(int checkpointEvery) {
    checkpoints = new NegCheckpoints(checkpointEvery);
  }

  /**
   * A group as it is listed.
   *
   * @param size number of endpoints
   * @param version of its stream
   */
  public record Row(NegDefinition definition, int size, long version) {}

  private record Attached(String neg, Endpoint endpoint) {}

  private record Detached(String neg, EndpointAddress address) {}

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    Collection<OfGroup> changes = new NegChanges(events, codec).groups();
    List<String> cleared = new ArrayList<>();
    List<NegDefinition> created = new ArrayList<>();
    List<Attached> attached = new ArrayList<>();
    List<Attached> replaced = new ArrayList<>();
    List<Detached> detached = new ArrayList<>();
    for (OfGroup change : changes) {
      if (change.cleared()) {
        cleared.add(change.name());
      }
      if (change.created() != null) {
        created.add(change.created());
      }
      change
          .endpoints()
          .forEach(
              (address, endpoint) ->
                  endpoint.ifPresentOrElse(
                      e ->
                          (change.mayBeKnown(address) ? replaced : attached)
                              .add(new Attached(change.name(), e)),
                      () -> detached.add(new Detached(change.name(), address))));
    }
    delete(tx, cleared);
    insert(tx, created);
    deleteEndpoints(tx, detached);
    insertEndpoints(tx, attached, "");
    insertEndpoints(tx, replaced, OR_REPLACE);
    update(tx, changes);
    for (OfGroup change : changes) {
      if (checkpoints.isDue(change)) {
        get(tx, change.name()).ifPresent(group -> checkpoints.keep(tx, group));
      }
    }
  }

  private static void delete(Handle tx, List<String> names) {
    if (names.isEmpty()) {
      return;
    }
    for (String sql :
        List.of(
            "DELETE FROM neg_endpoint WHERE neg = ANY(:names)",
            "DELETE FROM neg WHERE name = ANY(:names)")) {
      tx.createUpdate(sql)
          .bindBySqlType("names", SqlArrays.of(tx, "text", names), Types.ARRAY)
          .execute();
    }
  }

  private static void insert(Handle tx, List<NegDefinition> created) {
    if (created.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            INSERT INTO neg
              (name, project, id, created_at, description, type, network, default_port,
               annotations, network_id, subnetwork, size, version, deleting)
            SELECT c.name, split_part(c.name, '/', 2), c.id, c.created_at, c.description, c.type,
              c.network, c.default_port, c.annotations::jsonb, c.network_id,
              NULLIF(c.subnetwork, ''), 0, 0, false
            FROM unnest(:names, :ids, :times, :descriptions, :types, :networks, :ports,
                :annotations, :networkIds, :subnetworks)
              AS c (name, id, created_at, description, type, network, default_port, annotations,
                network_id, subnetwork)
            """)
        .bindBySqlType("names", SqlArrays.of(tx, "text", created, NegDefinition::name), Types.ARRAY)
        .bindBySqlType("ids", SqlArrays.of(tx, "int8", created, NegDefinition::id), Types.ARRAY)
        .bindBySqlType(
            "times",
            SqlArrays.of(tx, "timestamptz", created, c -> c.createdAt().atOffset(ZoneOffset.UTC)),
            Types.ARRAY)
        .bindBySqlType(
            "descriptions",
            SqlArrays.of(tx, "text", created, NegDefinition::description),
            Types.ARRAY)
        .bindBySqlType(
            "types", SqlArrays.of(tx, "text", created, c -> c.type().name()), Types.ARRAY)
        .bindBySqlType(
            "networks", SqlArrays.of(tx, "text", created, NegDefinition::network), Types.ARRAY)
        .bindBySqlType(
            "ports",
            SqlArrays.of(
                tx,
                "int4",
                created,
                c -> c.defaultPort().isPresent() ? c.defaultPort().getAsInt() : null),
            Types.ARRAY)
        .bindBySqlType(
            "annotations",
            SqlArrays.of(tx, "text", created, c -> json(c.annotations())),
            Types.ARRAY)
        .bindBySqlType(
            "networkIds",
            SqlArrays.of(
                tx,
                "int8",
                created,
                c -> c.networkId().isPresent() ? c.networkId().getAsLong() : null),
            Types.ARRAY)
        .bindBySqlType(
            "subnetworks",
            SqlArrays.of(tx, "text", created, NegDefinition::subnetwork),
            Types.ARRAY)
        .execute();
  }

  private static void deleteEndpoints(Handle tx, List<Detached> detached) {
    if (detached.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            DELETE FROM neg_endpoint e
            USING unnest(:negs, :ips, :ports) AS d (neg, ip, port)
            WHERE e.neg = d.neg AND e.ip = d.ip::inet AND e.port = d.port
            """)
        .bindBySqlType("negs", SqlArrays.of(tx, "text", detached, Detached::neg), Types.ARRAY)
        .bindBySqlType(
            "ips",
            SqlArrays.of(tx, "text", detached, d -> d.address().ip().toString()),
            Types.ARRAY)
        .bindBySqlType(
            "ports", SqlArrays.of(tx, "int4", detached, d -> d.address().port()), Types.ARRAY)
        .execute();
  }

  /** A batch may detach an endpoint and attach it again: then the row is there. */
  private static void insertEndpoints(Handle tx, List<Attached> attached, String orReplace) {
    if (attached.isEmpty()) {
      return;
    }
    new SqlRows<>(attached)
        .column("neg", "text", Attached::neg)
        .column("ip", "text", a -> a.endpoint().address().ip().toString())
        .column("port", "int4", a -> a.endpoint().address().port())
        .column("instance", "text", a -> a.endpoint().instance())
        .column("annotations", "text", a -> json(a.endpoint().annotations()))
        .column("range", "text", a -> NegMessages.range(a.endpoint()))
        .bind(
            tx,
            tx.createUpdate(
                """
                INSERT INTO neg_endpoint
                  (neg, ip, port, instance, annotations, instance_name, network, range)
                SELECT <neg>, CAST(<ip> AS inet), <port>, <instance>, CAST(<annotations> AS jsonb),
                  CASE WHEN <range> != '' THEN
                    split_part(<neg>, '/networkEndpointGroups/', 1) || '/instances/' || <instance>
                  END,
                  CASE WHEN <range> != '' THEN
                    (SELECT n.network FROM neg n WHERE n.name = <neg>) END,
                  CAST(NULLIF(<range>, '') AS cidr)
                <rows>
                """
                    + orReplace))
        .execute();
  }

  private static void update(Handle tx, Collection<OfGroup> changes) {
    new SqlRows<>(List.copyOf(changes))
        .column("name", "text", OfGroup::name)
        .column("growth", "int4", OfGroup::growth)
        .column("version", "int8", OfGroup::version)
        .column("deleting", "bool", OfGroup::deleting)
        .bind(
            tx,
            tx.createUpdate(
                """
                UPDATE neg n
                SET size = n.size + <growth>, version = <version>,
                  deleting = COALESCE(<deleting>, n.deleting)
                <rows>
                WHERE n.name = <name>
                """))
        .execute();
  }

  @Override
  public void clear(Handle tx) {
    // Not TRUNCATE, for which readers would have to wait until the rebuild commits.
    tx.execute("DELETE FROM neg_endpoint");
    tx.execute("DELETE FROM neg");
    NegCheckpoints.clear(tx);
  }

  Optional<Row> get(Handle handle, String name) {
    return handle
        .createQuery("SELECT * FROM neg WHERE name = :name")
        .bind("name", name)
        .map((row, _) -> row(row))
        .findOne();
  }

  /**
   * Up to {@code limit} groups in order of name.
   *
   * @param prefix of the names, ending in a slash
   */
  List<Row> list(Handle handle, String prefix, String after, int limit) {
    // The prefix as a range, which the primary key serves: '0' is the character behind '/'.
    String end = prefix.substring(0, prefix.length() - 1) + '0';
    return handle
        .createQuery(
            """
            SELECT * FROM neg
            WHERE name > :prefix AND name < :end AND name > :after
            ORDER BY name LIMIT :limit
            """)
        .bind("prefix", prefix)
        .bind("end", end)
        .bind("after", after)
        .bind("limit", limit)
        .map((row, _) -> row(row))
        .list();
  }

  /**
   * Up to {@code limit} endpoints in order of (IP address as a number, port).
   *
   * @param after continues behind this one; empty: from the first
   */
  List<Endpoint> endpoints(Handle handle, String name, Optional<EndpointAddress> after, int limit) {
    Query query =
        handle.createQuery(
            "SELECT host(ip) AS address, port, instance, annotations::text AS annotations,"
                + " range::text AS range"
                + " FROM neg_endpoint WHERE neg = :name"
                + (after.isPresent() ? " AND (ip, port) > (CAST(:ip AS inet), :port)" : "")
                + " ORDER BY neg_endpoint.ip, port LIMIT :limit");
    after.ifPresent(a -> query.bind("ip", a.ip().toString()).bind("port", a.port()));
    return query.bind("name", name).bind("limit", limit).map((row, _) -> endpoint(row)).list();
  }

  NegCheckpoints checkpoints() {
    return checkpoints;
  }

  /** Names of the groups whose deletion is recorded and not decided. */
  List<String> deleting(Handle handle) {
    return handle
        .createQuery("SELECT name FROM neg WHERE deleting ORDER BY name")
        .mapTo(String.class)
        .list();
  }

  /**
   * How many groups a project has. Whoever else wants to know, to add one, waits until the end of
   * this transaction, so the number still holds when it commits.
   */
  int countToAdd(Handle tx, String project) {
    // Two statements: the second one must see what those waited for have committed.
    tx.createQuery("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
        .bind("key", "groups of " + project)
        .mapTo(String.class)
        .findOne();
    return tx.createQuery("SELECT count(*) FROM neg WHERE project = :project")
        .bind("project", project)
        .mapTo(Integer.class)
        .one();
  }

  private static Row row(ResultSet row) throws SQLException {
    int defaultPort = row.getInt("default_port");
    OptionalInt port = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(defaultPort);
    long networkId = row.getLong("network_id");
    String subnetwork = row.getString("subnetwork");
    return new Row(
        new NegDefinition(
            row.getString("name"),
            row.getLong("id"),
            row.getObject("created_at", OffsetDateTime.class).toInstant(),
            row.getString("description"),
            EndpointType.valueOf(row.getString("type")),
            row.getString("network"),
            port,
            annotations(row.getString("annotations")),
            networkId == 0 ? OptionalLong.empty() : OptionalLong.of(networkId),
            subnetwork == null ? "" : subnetwork),
        row.getInt("size"),
        row.getLong("version"));
  }

  static Endpoint endpoint(ResultSet row) throws SQLException {
    String range = row.getString("range");
    return new Endpoint(
        row.getString("instance"),
        NegMessages.address(row.getString("address"), row.getInt("port")),
        annotations(row.getString("annotations")),
        NegMessages.range(range == null ? "" : range));
  }

  private static String json(Map<String, String> annotations) {
    return annotations.isEmpty() ? "{}" : new JsonObject(new TreeMap<>(annotations)).encode();
  }

  private static Map<String, String> annotations(String json) {
    if (json.equals("{}")) {
      return Map.of();
    }
    Map<String, String> annotations = new LinkedHashMap<>();
    new JsonObject(json)
        .forEach(entry -> annotations.put(entry.getKey(), (String) entry.getValue()));
    return annotations;
  }
}
