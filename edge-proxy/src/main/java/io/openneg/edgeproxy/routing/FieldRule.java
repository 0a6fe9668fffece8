package io.openneg.edgeproxy.routing;

import org.jspecify.annotations.Nullable;

/** What a route demands of a request besides its path. Immutable. */
public sealed interface FieldRule {

  boolean matches(RequestFields request);

  /**
   * A header field, see {@code HeaderMatcher} of xDS. One that is absent fits nothing but an
   * inverted {@link TextRule.Present}.
   *
   * @param name in lower case
   */
  record Header(String name, TextRule rule, boolean invert) implements FieldRule {
    @Override
    public boolean matches(RequestFields request) {
      @Nullable String value = request.header(name);
      return value == null
          ? invert && rule instanceof TextRule.Present
          : rule.matches(value) != invert;
    }
  }

  /** A query parameter, see {@code QueryParameterMatcher} of xDS. */
  record Parameter(String name, TextRule rule) implements FieldRule {
    @Override
    public boolean matches(RequestFields request) {
      @Nullable String value = request.parameter(name);
      return value != null && rule.matches(value);
    }
  }
}
