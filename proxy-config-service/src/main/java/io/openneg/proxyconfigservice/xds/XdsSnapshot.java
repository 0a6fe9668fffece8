package io.openneg.proxyconfigservice.xds;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;
import org.pcollections.TreePMap;

/**
 * All resources as of a revision. Immutable.
 *
 * @param sequence 0, 1, 2 … in this process
 * @param endpoints by backend service, then by the region of the proxy that asks
 * @param selectedListeners those of them that a node is to get
 * @param dropped what of backend services and URL maps could not be said to the proxies: reasons
 *     for people, by resource
 * @param droppedRules the same of forwarding rules
 * @param changed names of the resources that differ from the snapshot before this one, for at least
 *     one kind of proxy; a type without a change may be missing
 */
public record XdsSnapshot(
    long sequence,
    long revision,
    ResourceSet clusters,
    PMap<String, Map<String, XdsResource>> endpoints,
    ResourceSet socketListeners,
    ResourceSet apiListeners,
    SelectedListeners selectedListeners,
    ResourceSet routes,
    ResourceSet secrets,
    TreePMap<String, List<String>> dropped,
    TreePMap<String, List<String>> droppedRules,
    Map<XdsType, Set<String>> changed) {

  /**
   * What tells proxies apart.
   *
   * @param proxyless a gRPC client that sends requests of its own and binds no address
   * @param region where it runs; empty: unknown
   * @param listeners which listeners it is to get
   */
  public record Audience(boolean proxyless, String region, ListenerSelection listeners) {

    /** One that gets all listeners. */
    public Audience(boolean proxyless, String region) {
      this(proxyless, region, ListenerSelection.ALL);
    }
  }

  /** The name of a forwarding rule's listener. */
  public static String listenerOf(String forwardingRule) {
    return Listeners.name(forwardingRule);
  }

  /**
   * What to tell a client that asks by name for a resource that does not exist, and cannot be told
   * so in other words: the resource without content.
   *
   * @param type endpoints or routes; of the others a client learns by their absence from the set
   */
  public static XdsResource empty(XdsType type, String name) {
    return switch (type) {
      case ENDPOINTS -> LoadAssignments.empty(name);
      case ROUTES -> Routes.empty(name);
      case SECRETS -> throw new IllegalArgumentException("there is no empty secret");
      case CLUSTER, LISTENER -> throw new IllegalArgumentException(type + " are told as a set");
    };
  }

  /**
   * A resource as one proxy is to see it; null when there is no such resource, which is then known
   * and not just missing.
   */
  public @Nullable XdsResource get(Audience audience, XdsType type, String name) {
    if (type == XdsType.ENDPOINTS) {
      @Nullable Map<String, XdsResource> byRegion = endpoints.get(name);
      if (byRegion == null) {
        return null;
      }
      @Nullable XdsResource own = byRegion.get(audience.region());
      return own == null ? byRegion.get(LoadAssignments.ANY_REGION) : own;
    }
    return set(audience, type).get(name);
  }

  /**
   * Everything of a type as one proxy is to see it.
   *
   * @param type other than {@link XdsType#ENDPOINTS}, which nobody asks for as a whole
   */
  public ResourceSet set(Audience audience, XdsType type) {
    return switch (type) {
      case CLUSTER -> clusters;
      case LISTENER -> selectedListeners.of(audience);
      case ROUTES -> routes;
      case SECRETS -> secrets;
      case ENDPOINTS -> throw new IllegalArgumentException("endpoints go by name only");
    };
  }
}
