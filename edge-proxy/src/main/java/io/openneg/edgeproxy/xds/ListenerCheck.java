package io.openneg.edgeproxy.xds;

import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ListenerConfig;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Objections to the listeners of one response: an address may be used once, and it must be possible
 * to listen on it.
 */
final class ListenerCheck implements Function<ListenerConfig, @Nullable String> {

  private final Map<String, ListenerConfig> accepted;
  private final Function<IpPort, @Nullable String> bindProblem;
  private final Map<IpPort, String> byAddress = new HashMap<>();
  private final Set<String> unbound = new HashSet<>();

  /**
   * @param accepted what was accepted before; its addresses are not tried again
   * @param others accepted ones that stay as they are beside those of the response
   * @param bindProblem why an address cannot be listened on, or null
   */
  ListenerCheck(
      Map<String, ListenerConfig> accepted,
      Collection<ListenerConfig> others,
      Function<IpPort, @Nullable String> bindProblem) {
    this.accepted = accepted;
    others.forEach(other -> byAddress.put(other.address(), other.name()));
    this.bindProblem = bindProblem;
  }

  @Override
  public @Nullable String apply(ListenerConfig listener) {
    String other = byAddress.putIfAbsent(listener.address(), listener.name());
    if (other != null) {
      return "address: %s is that of Listener \"%s\" too".formatted(listener.address(), other);
    }
    if (listener.equals(accepted.get(listener.name()))) {
      return null;
    }
    String problem = bindProblem.apply(listener.address());
    if (problem == null) {
      return null;
    }
    unbound.add(listener.name());
    return "address: cannot listen on %s: %s".formatted(listener.address(), problem);
  }

  /** Names of those whose address could not be listened on, which may pass by itself. */
  Set<String> unbound() {
    return unbound;
  }
}
