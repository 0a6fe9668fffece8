package io.openneg.proxyconfigservice.xds;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.UrlMap;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.TreePMap;

/**
 * Routing table → snapshot. Only what a change affects is translated again, and a resource that
 * comes out the same stays the same object; the result does not depend on that.
 *
 * <p>A part that makes no sense (a forwarding rule whose target is missing) is left out alone, with
 * a reason in {@link XdsSnapshot#dropped}.
 */
public final class Translator {
  private static final XdsSnapshot NOTHING =
      new XdsSnapshot(
          -1,
          0,
          ResourceSet.EMPTY,
          HashTreePMap.empty(),
          ResourceSet.EMPTY,
          ResourceSet.EMPTY,
          new SelectedListeners(ResourceSet.EMPTY, ResourceSet.EMPTY, Map.of()),
          ResourceSet.EMPTY,
          ResourceSet.EMPTY,
          TreePMap.empty(),
          TreePMap.empty(),
          Map.of());

  private final RoutingTable table;
  private final XdsSnapshot before;
  private final PrivateKeys keys;
  private final Map<XdsType, Set<String>> changed = new EnumMap<>(XdsType.class);
  private ResourceSet clusters;
  private PMap<String, Map<String, XdsResource>> endpoints;
  private ResourceSet routes;
  private ResourceSet secrets;
  private TreePMap<String, List<String>> dropped;
  // Names of the services that have a second cluster.
  private Set<String> telling = Set.of();

  private Translator(XdsSnapshot before, RoutingTable table, PrivateKeys keys) {
    this.table = table;
    this.keys = keys;
    this.before = before;
    this.clusters = before.clusters();
    this.endpoints = before.endpoints();
    this.routes = before.routes();
    this.secrets = before.secrets();
    this.dropped = before.dropped();
  }

  /** The first snapshot, its secrets without keys: for those who only look. */
  public static XdsSnapshot translate(RoutingTable table) {
    return translate(table, _ -> "");
  }

  /** The first snapshot. */
  public static XdsSnapshot translate(RoutingTable table, PrivateKeys keys) {
    return translate(NOTHING, table, keys);
  }

  /** The next snapshot, when it is not known what changed. */
  public static XdsSnapshot translate(XdsSnapshot before, RoutingTable table, PrivateKeys keys) {
    return new Translator(before, table, keys).translate(Affected.all(before, table));
  }

  /**
   * The next snapshot.
   *
   * @param before of the table that the delta was applied to
   * @param table with the delta
   */
  public static XdsSnapshot translate(
      XdsSnapshot before, RoutingTable table, RoutingTableDelta delta, PrivateKeys keys) {
    return new Translator(before, table, keys).translate(Affected.by(delta, table));
  }

  private XdsSnapshot translate(Affected affected) {
    telling =
        affected.services().isEmpty() && !affected.listeners()
            ? ClientTelling.services(before.clusters())
            : ClientTelling.services(table);
    affected.services().forEach(name -> isolated(name, this::translateService));
    if (affected.listeners()) {
      // Targets that tell of the client come and go without their services.
      Set<String> others = ClientTelling.services(clusters);
      others.removeAll(telling);
      telling.stream()
          .filter(name -> clusters.get(ClientTelling.cluster(name)) == null)
          .forEach(others::add);
      others.forEach(name -> isolated(name, this::translateService));
    }
    affected.endpoints().forEach(name -> isolated(name, this::translateEndpoints));
    Set<String> urlMaps = new HashSet<>(affected.urlMaps());
    for (XdsResource route : routes.byName().values()) {
      // A route has the timeout of its backend service.
      if (route.refs().stream().anyMatch(affected.services()::contains)) {
        urlMaps.add(route.name());
      }
    }
    urlMaps.forEach(name -> isolated(name, this::translateRoutes));
    affected.certificates().forEach(name -> isolated(name, this::translateSecret));
    return affected.listeners()
        ? withListeners(AllListeners.of(table, routes))
        : snapshot(
            before.socketListeners(),
            before.apiListeners(),
            before.selectedListeners(),
            before.droppedRules());
  }

  /** A fault in one resource keeps no other back; what it was before stays. */
  private void isolated(String name, Consumer<String> translation) {
    try {
      translation.accept(name);
    } catch (RuntimeException e) {
      drop(name, List.of("cannot be translated: " + e.getMessage()));
    }
  }

  private void translateService(String name) {
    @Nullable BackendService service = table.backendServices().get(name);
    if (service == null) {
      clusters = clusters.without(name);
    } else {
      clusters = clusters.with(Clusters.translate(service));
    }
    String second = ClientTelling.cluster(name);
    clusters =
        service == null || !telling.contains(name)
            ? clusters.without(second)
            : clusters.with(Clusters.telling(service));
    for (String cluster : List.of(name, second)) {
      if (!Objects.equals(clusters.get(cluster), before.clusters().get(cluster))) {
        changed(XdsType.CLUSTER).add(cluster);
      }
    }
    translateEndpoints(name);
  }

  private void translateEndpoints(String name) {
    @Nullable BackendService service = table.backendServices().get(name);
    String second = ClientTelling.cluster(name);
    setEndpoints(
        second,
        service == null || !telling.contains(name)
            ? null
            : LoadAssignments.translate(second, service, table).byRegion());
    if (service == null) {
      drop(name, List.of());
      setEndpoints(name, null);
      return;
    }
    LoadAssignments.Translated translated = LoadAssignments.translate(service, table);
    List<String> reasons = new ArrayList<>(translated.dropped());
    service.getBackendsList().stream()
        .map(Backend::getGroup)
        .filter(group -> !table.hasGroup(group))
        .map("group '%s' is not there (yet)"::formatted)
        .forEach(reasons::add);
    drop(name, reasons);
    setEndpoints(name, translated.byRegion());
  }

  private void setEndpoints(String cluster, @Nullable Map<String, XdsResource> byRegion) {
    if (!Objects.equals(byRegion, endpoints.get(cluster))) {
      endpoints = byRegion == null ? endpoints.minus(cluster) : endpoints.plus(cluster, byRegion);
      changed(XdsType.ENDPOINTS).add(cluster);
    }
  }

  private void translateRoutes(String name) {
    @Nullable UrlMap map = table.urlMaps().get(name);
    if (map == null) {
      drop(name, List.of());
      routes = routes.without(name);
    } else {
      Routes.Translated translated = Routes.translate(map, table.backendServices());
      drop(name, translated.dropped());
      routes = routes.with(translated.resource());
    }
    if (!Objects.equals(routes.get(name), before.routes().get(name))) {
      changed(XdsType.ROUTES).add(name);
    }
  }

  private void translateSecret(String name) {
    @Nullable KeyedCertificate certificate = table.sslCertificates().get(name);
    drop(name, List.of());
    if (certificate == null || certificate.getSealedKey().isEmpty()) {
      secrets = secrets.without(name);
    } else {
      secrets = secrets.with(Secrets.translate(name, certificate, keys));
    }
    if (!Objects.equals(secrets.get(name), before.secrets().get(name))) {
      changed(XdsType.SECRETS).add(name);
    }
  }

  private void drop(String name, List<String> reasons) {
    dropped = reasons.isEmpty() ? dropped.minus(name) : dropped.plus(name, reasons);
  }

  private Set<String> changed(XdsType type) {
    return changed.computeIfAbsent(type, _ -> new HashSet<>());
  }

  private XdsSnapshot withListeners(AllListeners listeners) {
    ResourceSet sockets = before.socketListeners().replacedBy(listeners.sockets());
    ResourceSet apis = before.apiListeners().replacedBy(listeners.apis());
    changed(XdsType.LISTENER).addAll(sockets.differencesTo(before.socketListeners()));
    changed(XdsType.LISTENER).addAll(apis.differencesTo(before.apiListeners()));
    return snapshot(
        sockets,
        apis,
        new SelectedListeners(sockets, apis, listeners.schemes()),
        TreePMap.from(listeners.dropped()));
  }

  private XdsSnapshot snapshot(
      ResourceSet sockets,
      ResourceSet apis,
      SelectedListeners selected,
      TreePMap<String, List<String>> droppedRules) {
    return new XdsSnapshot(
        before.sequence() + 1,
        table.revision(),
        clusters,
        endpoints,
        sockets,
        apis,
        selected,
        routes,
        secrets,
        dropped,
        droppedRules,
        changed);
  }
}
