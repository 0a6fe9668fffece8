package io.openneg.urlmap;

import org.jspecify.annotations.Nullable;

/**
 * The part of a path that a rule asked for, and so what a rewrite replaces. Immutable.
 *
 * @param length of the beginning that matched, in characters; -1: all of it
 * @param template the template that matched, if it was one
 */
record MatchedPath(int length, @Nullable PathTemplate template) {
  static final MatchedPath WHOLE = new MatchedPath(-1, null);

  /** Every path begins with it. */
  static final MatchedPath ROOT = prefix("/");

  static MatchedPath prefix(String prefix) {
    return new MatchedPath(prefix.length(), null);
  }

  /** The path with another beginning. */
  String replaced(String path, String replacement) {
    return length < 0 ? replacement : replacement + path.substring(length);
  }
}
