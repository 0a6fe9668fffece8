package io.openneg.edgeproxy.routing;

import com.google.re2j.Pattern;

/**
 * What a route demands of the path (without the query string), see {@code RouteMatch} of xDS.
 * Immutable.
 */
public sealed interface PathRule {

  /** Whether {@code path} (never empty, no query string) satisfies the rule. */
  boolean matches(String path);

  /** A path that matches, with another text in place of what the rule demands. */
  String replace(String path, String by);

  /** The whole path. */
  record Exact(String path, boolean caseSensitive) implements PathRule {
    @Override
    public boolean matches(String candidate) {
      return caseSensitive ? candidate.equals(path) : candidate.equalsIgnoreCase(path);
    }

    @Override
    public String replace(String candidate, String by) {
      return by;
    }
  }

  /** The beginning of the path, even in the middle of a segment. */
  record Prefix(String prefix, boolean caseSensitive) implements PathRule {
    @Override
    public boolean matches(String candidate) {
      return candidate.regionMatches(!caseSensitive, 0, prefix, 0, prefix.length());
    }

    @Override
    public String replace(String path, String by) {
      return by + path.substring(prefix.length());
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

    @Override
    public String replace(String path, String by) {
      return by + path.substring(prefix.length());
    }
  }

  /** An expression (RE2) that the whole path matches. */
  record Regex(Pattern pattern) implements PathRule {
    @Override
    public boolean matches(String candidate) {
      return pattern.matches(candidate);
    }

    @Override
    public String replace(String path, String by) {
      return by;
    }
  }
}
