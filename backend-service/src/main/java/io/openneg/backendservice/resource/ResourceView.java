package io.openneg.backendservice.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.openneg.backend.v1.Address;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * The tables of all resources: what they are, and who uses what. Their foreign keys are the last
 * word on races between commands, see {@code docs/adr/0008}. Thread-safe.
 */
public final class ResourceView implements Projection {
  private final BackendEventCodec codec = new BackendEventCodec();

  /** A resource and the version of its stream. */
  public record Row<M>(String name, M resource, long version) {}

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    for (RecordedEvent recorded : events) {
      apply(tx, recorded.stream(), recorded.version(), codec.decode(recorded.payload()));
    }
  }

  private static void apply(Handle tx, String name, long version, BackendEvent event) {
    switch (event.getEventCase()) {
      case HEALTH_CHECK_CREATED ->
          put(tx, name, version, event.getHealthCheckCreated().getHealthCheck());
      case HEALTH_CHECK_UPDATED ->
          put(tx, name, version, event.getHealthCheckUpdated().getHealthCheck());
      case BACKEND_SERVICE_CREATED -> {
        BackendService service = event.getBackendServiceCreated().getBackendService();
        put(tx, name, version, service);
        refer(tx, name, service.getHealthChecksList());
      }
      case BACKEND_SERVICE_UPDATED -> {
        BackendService settings = event.getBackendServiceUpdated().getBackendService();
        BackendService service = current(tx, name, BackendService.parser());
        put(tx, name, version, Backends.with(service, settings));
        refer(tx, name, settings.getHealthChecksList());
      }
      case BACKEND_ADDED -> {
        Backend added = event.getBackendAdded().getBackend();
        BackendService service = current(tx, name, BackendService.parser());
        put(tx, name, version, Backends.plus(service, added));
        GroupReferenceTable.add(tx, name, added.getGroup());
      }
      case BACKEND_UPDATED -> {
        BackendService service = current(tx, name, BackendService.parser());
        put(tx, name, version, Backends.replaced(service, event.getBackendUpdated().getBackend()));
      }
      case BACKEND_REMOVED -> {
        String group = event.getBackendRemoved().getGroup();
        BackendService service = current(tx, name, BackendService.parser());
        put(tx, name, version, Backends.minus(service, group));
        GroupReferenceTable.remove(tx, name, group);
      }
      case URL_MAP_CREATED -> urlMap(tx, name, version, event.getUrlMapCreated().getUrlMap());
      case URL_MAP_UPDATED -> urlMap(tx, name, version, event.getUrlMapUpdated().getUrlMap());
      case TARGET_HTTP_PROXY_CREATED ->
          proxy(tx, name, version, event.getTargetHttpProxyCreated().getTargetHttpProxy());
      case TARGET_HTTP_PROXY_UPDATED ->
          proxy(tx, name, version, event.getTargetHttpProxyUpdated().getTargetHttpProxy());
      case URL_MAP_SET ->
          proxy(
              tx,
              name,
              version,
              current(tx, name, TargetHttpProxy.parser()).toBuilder()
                  .setUrlMap(event.getUrlMapSet().getUrlMap())
                  .build());
      case TARGET_HTTPS_PROXY_CREATED ->
          proxy(tx, name, version, event.getTargetHttpsProxyCreated().getTargetHttpsProxy());
      case TARGET_HTTPS_PROXY_UPDATED ->
          proxy(tx, name, version, event.getTargetHttpsProxyUpdated().getTargetHttpsProxy());
      case TARGET_TCP_PROXY_CREATED ->
          proxy(tx, name, version, event.getTargetTcpProxyCreated().getTargetTcpProxy());
      case TARGET_TCP_PROXY_UPDATED ->
          proxy(tx, name, version, event.getTargetTcpProxyUpdated().getTargetTcpProxy());
      case TARGET_SSL_PROXY_CREATED ->
          proxy(tx, name, version, event.getTargetSslProxyCreated().getTargetSslProxy());
      case TARGET_SSL_PROXY_UPDATED ->
          proxy(tx, name, version, event.getTargetSslProxyUpdated().getTargetSslProxy());
      case SSL_CERTIFICATE_CREATED ->
          put(tx, name, version, event.getSslCertificateCreated().getSslCertificate());
      case SSL_CERTIFICATE_DELETED -> {
        SslCertificate deleted = current(tx, name, SslCertificate.parser());
        SealedKeyTable.remove(tx, name, deleted.getId());
        delete(tx, name);
      }
      case ADDRESS_CREATED -> {
        Address address = event.getAddressCreated().getAddress();
        put(tx, name, version, address);
        HeldAddressTable.take(tx, name, address.getAddress());
      }
      case FORWARDING_RULE_CREATED -> {
        ForwardingRule rule = event.getForwardingRuleCreated().getForwardingRule();
        rule(tx, name, version, rule);
        ListeningTable.take(tx, name, rule);
        if (rule.getIpAddressOwned()) {
          HeldAddressTable.take(tx, name, rule.getIpAddress());
        }
      }
      case TARGET_SET ->
          rule(
              tx,
              name,
              version,
              current(tx, name, ForwardingRule.parser()).toBuilder()
                  .setTarget(event.getTargetSet().getTarget())
                  .build());
      case HEALTH_CHECK_DELETED,
          BACKEND_SERVICE_DELETED,
          URL_MAP_DELETED,
          TARGET_HTTP_PROXY_DELETED,
          TARGET_HTTPS_PROXY_DELETED,
          TARGET_TCP_PROXY_DELETED,
          TARGET_SSL_PROXY_DELETED,
          ADDRESS_DELETED,
          FORWARDING_RULE_DELETED ->
          delete(tx, name);
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a BackendEvent without event");
    }
  }

  private static void urlMap(Handle tx, String name, long version, UrlMap map) {
    put(tx, name, version, map);
    refer(tx, name, UrlMapReferences.services(map).keySet());
  }

  private static void proxy(Handle tx, String name, long version, TargetHttpProxy proxy) {
    put(tx, name, version, proxy);
    refer(tx, name, List.of(proxy.getUrlMap()));
  }

  private static void proxy(Handle tx, String name, long version, TargetHttpsProxy proxy) {
    put(tx, name, version, proxy);
    refer(tx, name, and(proxy.getSslCertificatesList(), proxy.getUrlMap()));
  }

  private static void proxy(Handle tx, String name, long version, TargetTcpProxy proxy) {
    put(tx, name, version, proxy);
    refer(tx, name, List.of(proxy.getService()));
  }

  private static void proxy(Handle tx, String name, long version, TargetSslProxy proxy) {
    put(tx, name, version, proxy);
    refer(tx, name, and(proxy.getSslCertificatesList(), proxy.getService()));
  }

  private static List<String> and(List<String> names, String name) {
    return Stream.concat(names.stream(), Stream.of(name)).toList();
  }

  private static void rule(Handle tx, String name, long version, ForwardingRule rule) {
    put(tx, name, version, rule);
    refer(
        tx,
        name,
        rule.getAddress().isEmpty()
            ? List.of(rule.getTarget())
            : List.of(rule.getTarget(), rule.getAddress()));
  }

  private static void put(Handle tx, String name, long version, Message content) {
    tx.createUpdate(
            """
            INSERT INTO resource (name, kind, content, version)
            VALUES (:name, split_part(:name, '/', -2), :content, :version)
            ON CONFLICT (name)
              DO UPDATE SET content = excluded.content, version = excluded.version
            """)
        .bind("name", name)
        .bind("content", content.toByteArray())
        .bind("version", version)
        .execute();
  }

  private static void delete(Handle tx, String name) {
    tx.createUpdate("DELETE FROM resource WHERE name = :name").bind("name", name).execute();
  }

  private static void refer(Handle tx, String user, Collection<String> used) {
    tx.createUpdate("DELETE FROM reference WHERE user_name = :user").bind("user", user).execute();
    for (String name : new LinkedHashSet<>(used)) {
      tx.createUpdate("INSERT INTO reference (user_name, used_name) VALUES (:user, :used)")
          .bind("user", user)
          .bind("used", name)
          .execute();
    }
  }

  private static <M extends Message> M current(Handle tx, String name, Parser<M> parser) {
    return tx.createQuery("SELECT content FROM resource WHERE name = :name")
        .bind("name", name)
        .map((row, _) -> parse(row.getBytes("content"), parser))
        .one();
  }

  /** One resource, if it exists. */
  public <M extends Message> Optional<Row<M>> get(Handle handle, String name, Parser<M> parser) {
    return handle
        .createQuery("SELECT name, content, version FROM resource WHERE name = :name")
        .bind("name", name)
        .map(
            (row, _) ->
                new Row<>(
                    row.getString("name"),
                    parse(row.getBytes("content"), parser),
                    row.getLong("version")))
        .findOne();
  }

  /**
   * Up to so many resources of a collection behind a name, of those whose names begin so, in order
   * of name.
   */
  public <M extends Message> List<Row<M>> list(
      Handle handle, String collection, String prefix, String after, int limit, Parser<M> parser) {
    return handle
        .createQuery(
            """
            SELECT name, content, version FROM resource
            WHERE starts_with(name, :prefix) AND name >= :prefix AND name > :after
              AND kind = :collection
            ORDER BY name LIMIT :limit
            """)
        .bind("collection", collection)
        .bind("prefix", prefix)
        .bind("after", after)
        .bind("limit", limit)
        .map(
            (row, _) ->
                new Row<>(
                    row.getString("name"),
                    parse(row.getBytes("content"), parser),
                    row.getLong("version")))
        .list();
  }

  /** What a command on {@code name} that refers to {@code wanted} must know. */
  public Facts facts(Handle handle, String name, List<String> wanted) {
    return new Facts(existing(handle, wanted), users(handle, name));
  }

  /**
   * The same with the load balancers around: until the transaction ends, no other command changes
   * any of the project.
   */
  public Facts connections(Handle tx, String name, List<String> wanted) {
    LoadBalancers.lock(tx, name);
    return new Facts(
        existing(tx, wanted),
        users(tx, name),
        LoadBalancers.services(tx, wanted),
        LoadBalancers.rules(tx, name));
  }

  /** Who refers to these resources; those that nobody does are not in it. */
  public Map<String, List<String>> users(Handle handle, List<String> names) {
    Map<String, List<String>> users = new HashMap<>();
    if (!names.isEmpty()) {
      handle
          .createQuery(
              """
              SELECT used_name, user_name FROM reference WHERE used_name IN (<names>)
              ORDER BY user_name
              """)
          .bindList("names", names)
          .map(
              (row, _) ->
                  users
                      .computeIfAbsent(row.getString("used_name"), _ -> new ArrayList<>())
                      .add(row.getString("user_name")))
          .list();
    }
    return users;
  }

  /**
   * Until the session releases its locks, no command of another one changes a load balancer of the
   * project, or asks about these IP addresses.
   *
   * @param name of the project, or of anything in it
   * @param ips well-formed
   */
  public void hold(Handle session, String name, Collection<String> ips) {
    LoadBalancers.hold(session, name);
    HeldAddressTable.hold(session, ips);
  }

  /** Names of a collection's resources in a project, in order. */
  public List<String> names(Handle handle, String project, String collection) {
    return handle
        .createQuery(
            """
            SELECT name FROM resource
            WHERE starts_with(name, :prefix) AND name >= :prefix AND kind = :collection
            ORDER BY name
            """)
        .bind("prefix", project + "/")
        .bind("collection", collection)
        .mapTo(String.class)
        .list();
  }

  /** What a resource refers to. */
  public List<String> used(Handle handle, String name) {
    return handle
        .createQuery("SELECT used_name FROM reference WHERE user_name = :name ORDER BY used_name")
        .bind("name", name)
        .mapTo(String.class)
        .list();
  }

  private static Set<String> existing(Handle handle, List<String> wanted) {
    return wanted.isEmpty()
        ? Set.of()
        : handle
            .createQuery("SELECT name FROM resource WHERE name IN (<names>)")
            .bindList("names", wanted)
            .mapTo(String.class)
            .set();
  }

  private static List<String> users(Handle handle, String name) {
    return handle
        .createQuery("SELECT user_name FROM reference WHERE used_name = :name ORDER BY user_name")
        .bind("name", name)
        .mapTo(String.class)
        .list();
  }

  @Override
  public void clear(Handle tx) {
    tx.execute("SET CONSTRAINTS ALL DEFERRED");
    tx.execute("TRUNCATE resource, reference, listening, held_address, group_reference");
  }

  private static <M> M parse(byte[] content, Parser<M> parser) {
    try {
      return parser.parseFrom(content);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a row is not of its kind", e);
    }
  }
}
