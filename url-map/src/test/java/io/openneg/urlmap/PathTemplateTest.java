package io.openneg.urlmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathTemplateTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a               | must begin with '/'",
        "/               | must have literals, '*', '**' or '{name=...}' between slashes, not ''",
        "/a/             | must have literals, '*', '**' or '{name=...}' between slashes, not ''",
        "/a*             | must have literals, '*', '**' or '{name=...}' between slashes, not 'a*'",
        "/{a}b           | must have literals, '*', '**' or '{name=...}' between slashes, not '{a}b'",
        "/{a             | must have literals, '*', '**' or '{name=...}' between slashes, not '{a'",
        "/{1}            | must have literals, '*', '**' or '{name=...}' between slashes, not '{1}'",
        "/{a=/b}         | must have literals, '*', '**' or '{name=...}' between slashes, not ''",
        "/**/*           | must have no operator behind '**'",
        "/**/{a}         | must have no operator behind '**'",
        "/{a}/{a}        | must name the variable 'a' once",
        "/*/*/*/*/*/*    | must have at most 5 operators",
      })
  void refuses(String template, String rule) {
    assertThatThrownBy(() -> PathTemplate.parse(template)).hasMessage(rule);
  }

  @Test
  void hasAtMost255Characters() {
    assertThat(PathTemplate.parse("/" + "a".repeat(254)).matches("/" + "a".repeat(254))).isTrue();
    assertThatThrownBy(() -> PathTemplate.parse("/" + "a".repeat(255)))
        .hasMessage("must have at most 255 characters");
  }

  @ParameterizedTest
  @CsvSource({
    "/users/{id}, /u/{id}, /users/7, /u/7",
    "/{a}/{b}, /{b}/{a}.html, /x/y, /y/x.html",
    "/{all=**}, /v2/{all}, /x/y, /v2/x/y",
    "/a/{rest=b/**}/c, /{rest}, /a/b/x/y/c, /b/x/y",
    "/{a=*/b}/*, /{a}-{a}, /x/b/c, /x/b-x/b",
    "/a, /b, /a, /b",
  })
  void rewrites(String template, String rewrite, String path, String expected) {
    PathTemplate parsed = PathTemplate.parse(template);
    parsed.checkRewrite(rewrite);
    assertThat(parsed.rewrite(rewrite, path)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a      | must begin with '/'",
        "/{c}   | must name variables of path_template_match only; 'c' is none",
        "/{a=*} | must name variables of path_template_match only; 'a=*' is none",
        "/*     | must have literals and '{name}' only",
        "/{a    | must have literals and '{name}' only",
      })
  void refusesToRewriteTo(String rewrite, String rule) {
    assertThatThrownBy(() -> PathTemplate.parse("/{a}/{b}").checkRewrite(rewrite)).hasMessage(rule);
  }
}
