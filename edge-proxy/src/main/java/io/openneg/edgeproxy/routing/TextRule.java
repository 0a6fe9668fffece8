package io.openneg.edgeproxy.routing;

import com.google.re2j.Pattern;

/** What is demanded of a text, see {@code StringMatcher} of xDS. Immutable. */
public sealed interface TextRule {

  boolean matches(String text);

  /** The whole text. */
  record Exact(String expected) implements TextRule {
    @Override
    public boolean matches(String text) {
      return text.equals(expected);
    }
  }

  /** Its beginning. */
  record Prefix(String prefix) implements TextRule {
    @Override
    public boolean matches(String text) {
      return text.startsWith(prefix);
    }
  }

  /** Its end. */
  record Suffix(String suffix) implements TextRule {
    @Override
    public boolean matches(String text) {
      return text.endsWith(suffix);
    }
  }

  /** An expression that the whole text matches. */
  record Regex(Pattern pattern) implements TextRule {
    @Override
    public boolean matches(String text) {
      return pattern.matches(text);
    }
  }

  /**
   * A whole number.
   *
   * @param end not included
   */
  record Range(long start, long end) implements TextRule {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

    @Override
    public boolean matches(String text) {
      if (!NUMBER.matches(text)) {
        return false;
      }
      long number = Long.parseLong(text);
      return number >= start && number < end;
    }
  }

  /** Any text: that there is one is enough. */
  record Present() implements TextRule {
    @Override
    public boolean matches(String text) {
      return true;
    }
  }
}
