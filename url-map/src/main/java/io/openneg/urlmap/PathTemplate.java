package io.openneg.urlmap;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A path template: segments that are literals, operators or named variables (compute v1; what it
 * takes is a subset of what Envoy's URI templates take). Immutable and thread-safe.
 *
 * <p>{@code *} is one segment, not empty; {@code **} is any rest, also none; {@code {name}} is one
 * segment, {@code {name=a/*}} what is behind the equals sign.
 */
public final class PathTemplate {
  private static final int MAX_LENGTH = 255;
  private static final int MAX_OPERATORS = 5;

  private static final String CHARACTERS = "a-zA-Z0-9\\-._~%!$&'()+,;:@=";
  private static final Pattern LITERAL = Pattern.compile("[" + CHARACTERS + "]+");
  private static final Pattern VARIABLE =
      Pattern.compile("\\{([a-zA-Z][a-zA-Z0-9_]{0,15})(=[^{}]+)?\\}");
  private static final Pattern REFERENCE = Pattern.compile("\\{([^{}]*)\\}");

  private final Set<String> variables = new LinkedHashSet<>();
  private final Pattern pattern;

  private final StringBuilder regex = new StringBuilder();
  private int operators;
  private boolean rest;

  private PathTemplate(String template) {
    require(
        template.length() <= MAX_LENGTH, "must have at most %d characters".formatted(MAX_LENGTH));
    require(template.startsWith("/"), "must begin with '/'");
    int at = 0;
    while (at < template.length()) {
      regex.append('/');
      int end = endOfSegment(template, at + 1);
      segment(template.substring(at + 1, end));
      at = end;
    }
    pattern = Pattern.compile(regex.toString());
  }

  /**
   * @throws IllegalArgumentException saying what it must be, when it is no template
   */
  public static PathTemplate parse(String template) {
    return new PathTemplate(template);
  }

  /** A variable may have slashes of its own. */
  private static int endOfSegment(String template, int from) {
    boolean inVariable = false;
    for (int i = from; i < template.length(); i++) {
      char c = template.charAt(i);
      inVariable = c == '{' || (inVariable && c != '}');
      if (c == '/' && !inVariable) {
        return i;
      }
    }
    return template.length();
  }

  private void segment(String segment) {
    Matcher variable = VARIABLE.matcher(segment);
    if (!variable.matches()) {
      plain(segment);
      return;
    }
    String name = variable.group(1);
    require(variables.add(name), "must name the variable '%s' once".formatted(name));
    String inner = variable.group(2);
    regex.append('(');
    String between = "";
    for (String part : inner == null ? new String[] {"*"} : inner.substring(1).split("/", -1)) {
      regex.append(between);
      plain(part);
      between = "/";
    }
    regex.append(')');
  }

  private void plain(String segment) {
    boolean operator = segment.equals("*") || segment.equals("**");
    if (operator) {
      require(!rest, "must have no operator behind '**'");
      require(
          ++operators <= MAX_OPERATORS, "must have at most %d operators".formatted(MAX_OPERATORS));
      rest = segment.equals("**");
      regex.append(rest ? "[/" + CHARACTERS + "]*" : "[" + CHARACTERS + "]+");
    } else {
      require(
          LITERAL.matches(segment),
          "must have literals, '*', '**' or '{name=...}' between slashes, not '%s'"
              .formatted(segment));
      regex.append(Pattern.quote(segment));
    }
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }

  public boolean matches(String path) {
    return pattern.matches(path);
  }

  /**
   * Checks that a rewrite is a path of literals and variables of this template.
   *
   * @throws IllegalArgumentException saying what it must be
   */
  public void checkRewrite(String rewrite) {
    require(
        rewrite.length() <= MAX_LENGTH, "must have at most %d characters".formatted(MAX_LENGTH));
    require(rewrite.startsWith("/"), "must begin with '/'");
    Matcher references = REFERENCE.matcher(rewrite);
    StringBuilder literals = new StringBuilder();
    int from = 0;
    while (references.find()) {
      require(
          variables.contains(references.group(1)),
          "must name variables of path_template_match only; '%s' is none"
              .formatted(references.group(1)));
      literals.append(rewrite, from, references.start());
      from = references.end();
    }
    literals.append(rewrite, from, rewrite.length());
    require(
        literals.chars().allMatch(c -> c == '/' || LITERAL.matches(Character.toString(c))),
        "must have literals and '{name}' only");
  }

  /**
   * The rewritten path.
   *
   * @param rewrite one that was checked
   * @param path one that matches
   */
  String rewrite(String rewrite, String path) {
    Matcher found = pattern.matcher(path);
    if (!found.matches()) {
      throw new IllegalArgumentException(path + " does not match");
    }
    String result = rewrite;
    int group = 1;
    for (String variable : variables) {
      result = result.replace("{" + variable + "}", found.group(group++));
    }
    return result;
  }
}
