package io.openneg.edgeproxy.routing;

/**
 * What a route demands of the path (without the query string), see {@code RouteMatch} of xDS.
 * Immutable.
 */
public sealed interface PathRule {

  /** Whether {@code path} (never empty, no query string) satisfies the rule. */
  boolean matches(String path);

  /** The whole path. */
  record Exact(String path, boolean caseSensitive) implements PathRule {
    @Override
    public boolean matches(String candidate) {
      return caseSensitive ? candidate.equals(path) : candidate.equalsIgnoreCase(path);
    }
  }

  /** The beginning of the path, even in the middle of a segment. */
  record Prefix(String prefix, boolean caseSensitive) implements PathRule {
    @Override
    public boolean matches(String candidate) {
      return candidate.regionMatches(!caseSensitive, 0, prefix, 0, prefix.length());
    }
  }

  /**
   * The beginning of the path, ending where a segment ends: "/a" takes "/a" and "/a/b", not "/ab".
   *
   * @param prefix begins with "/" and does not end with it
   */
  record SegmentPrefix(String prefix, boolean caseSensitive) implements PathRule {
    @Override
    public boolean matches(String candidate) {
      return candidate.regionMatches(!caseSensitive, 0, prefix, 0, prefix.length())
          && (candidate.length() == prefix.length() || candidate.charAt(prefix.length()) == '/');
    }
  }
}
