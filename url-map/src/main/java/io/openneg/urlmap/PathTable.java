package io.openneg.urlmap;

import io.openneg.backend.v1.PathRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The path rules of a path matcher: the longest path wins, whatever the order (compute v1).
 * Immutable and thread-safe.
 */
final class PathTable {
  private static final String ANYTHING_BELOW = "/*";

  /** A path of a rule: where it stands, what it asks for, and its rule. */
  record Entry(String field, MatchedPath matched, PathRule rule) {}

  private final Map<String, Entry> exact = new HashMap<>();
  // Keys end in '/'.
  private final Map<String, Entry> prefixes = new HashMap<>();

  /**
   * @param at the field that holds the rules
   */
  PathTable(List<PathRule> rules, String at) {
    for (int i = 0; i < rules.size(); i++) {
      PathRule rule = rules.get(i);
      for (int j = 0; j < rule.getPathsCount(); j++) {
        String path = rule.getPaths(j);
        String field = "%s[%d].paths[%d]".formatted(at, i, j);
        if (path.endsWith(ANYTHING_BELOW)) {
          String prefix = path.substring(0, path.length() - 1);
          prefixes.putIfAbsent(prefix, new Entry(field, MatchedPath.prefix(prefix), rule));
        } else {
          exact.putIfAbsent(path, new Entry(field, MatchedPath.WHOLE, rule));
        }
      }
    }
  }

  /** The entry of a path, or null when no rule names it. */
  @Nullable Entry find(String path) {
    Entry found = exact.get(path);
    for (int slash = path.lastIndexOf('/');
        found == null && slash >= 0;
        slash = path.lastIndexOf('/', slash - 1)) {
      found = prefixes.get(path.substring(0, slash + 1));
    }
    return found;
  }
}
