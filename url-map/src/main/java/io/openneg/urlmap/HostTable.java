package io.openneg.urlmap;

import io.openneg.backend.v1.HostRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a URL map: the exact name wins, then the longest pattern, then "*" (compute v1).
 * Immutable and thread-safe.
 */
final class HostTable {
  private static final String ANY = "*";

  /** A host of the map: where it stands, and the path matcher it leads to. */
  record Entry(String field, String pathMatcher) {}

  private final Map<String, Entry> exact = new HashMap<>();
  // By length, so that a look-up costs as many hashes as there are different lengths.
  private final TreeMap<Integer, Map<String, Entry>> suffixes = new TreeMap<>();
  private final @Nullable Entry any;

  HostTable(List<HostRule> rules) {
    Entry anyHost = null;
    for (int i = 0; i < rules.size(); i++) {
      HostRule rule = rules.get(i);
      for (int j = 0; j < rule.getHostsCount(); j++) {
        String host = rule.getHosts(j);
        Entry entry =
            new Entry("url_map.host_rules[%d].hosts[%d]".formatted(i, j), rule.getPathMatcher());
        if (host.equals(ANY)) {
          anyHost = anyHost == null ? entry : anyHost;
        } else if (host.startsWith(ANY)) {
          String suffix = host.substring(1);
          suffixes
              .computeIfAbsent(suffix.length(), _ -> new HashMap<>())
              .putIfAbsent(suffix, entry);
        } else {
          exact.putIfAbsent(host, entry);
        }
      }
    }
    any = anyHost;
  }

  /** The entry of a host, or null when no rule names it. */
  @Nullable Entry find(String host) {
    Entry found = exact.get(host);
    if (found != null) {
      return found;
    }
    // "*" stands for one character at least, so a suffix is shorter than the host.
    for (var ofLength : suffixes.headMap(host.length(), false).descendingMap().entrySet()) {
      found = ofLength.getValue().get(host.substring(host.length() - ofLength.getKey()));
      if (found != null) {
        return found;
      }
    }
    return any;
  }
}
