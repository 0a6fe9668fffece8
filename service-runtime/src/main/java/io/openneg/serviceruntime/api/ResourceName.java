package io.openneg.serviceruntime.api;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The full name of a resource: {@code projects/p/zones/z/networkEndpointGroups/id} or {@code
 * projects/p/global/healthChecks/id}. compute v1 allows {@code [a-z]([-a-z0-9]{0,61}[a-z0-9])?} as
 * an id.
 *
 * @param project the project's id
 * @param scope {@code global}, {@code zones/{zone}} or {@code regions/{region}}
 * @param collection such as {@code healthChecks}
 * @param id the last part
 */
public record ResourceName(String project, String scope, String collection, String id) {
  private static final String ID = "[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?";
  private static final Pattern ID_PATTERN = Pattern.compile(ID);
  private static final Pattern PROJECT = Pattern.compile("projects/" + ID);
  private static final Pattern NAME =
      Pattern.compile(
          "projects/("
              + ID
              + ")/(global|zones/"
              + ID
              + "|regions/"
              + ID
              + ")/([a-zA-Z]+)/("
              + ID
              + ")");
  private static final Pattern PARENT =
      Pattern.compile(
          "projects/(" + ID + ")/(global|zones/(?:" + ID + "|-)|regions/(?:" + ID + "|-))");

  /** What a scope must be. */
  public enum Scope {
    GLOBAL("projects/{project}/global"),
    REGION("projects/{project}/regions/{region}"),
    ZONE("projects/{project}/zones/{zone}"),
    GLOBAL_OR_REGION("projects/{project}/global or projects/{project}/regions/{region}");

    private final String parent;

    Scope(String parent) {
      this.parent = parent;
    }

    /** How a name of this scope and collection looks, for an error. */
    public String form(String collection) {
      String rest = "/" + collection + "/{id}";
      return parent.replace(" or ", rest + " or ") + rest;
    }

    private boolean holds(String scope) {
      return switch (this) {
        case GLOBAL -> scope.equals("global");
        case REGION -> scope.startsWith("regions/");
        case ZONE -> scope.startsWith("zones/");
        case GLOBAL_OR_REGION -> GLOBAL.holds(scope) || REGION.holds(scope);
      };
    }
  }

  /**
   * Reads a name of a known collection.
   *
   * @param field where it stood in the request, for the error
   * @throws RejectedException INVALID_ARGUMENT when it is anything else
   */
  public static ResourceName parse(String field, String name, Scope scope, String collection) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()
        || !scope.holds(matcher.group(2))
        || !matcher.group(3).equals(collection)) {
      throw invalid(field, name, "must be " + scope.form(collection));
    }
    return new ResourceName(matcher.group(1), matcher.group(2), collection, matcher.group(4));
  }

  /**
   * Checks the name of a project.
   *
   * @param field where it stood in the request, for the error
   * @throws RejectedException INVALID_ARGUMENT when it is anything else
   */
  public static void checkProject(String field, String name) {
    if (!PROJECT.matcher(name).matches()) {
      throw invalid(field, name, "must be projects/{project}");
    }
  }

  /** Whether a text is the name of a resource of this collection and scope. */
  public static boolean isName(String name, Scope scope, String collection) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        && scope.holds(matcher.group(2))
        && matcher.group(3).equals(collection);
  }

  /**
   * The name of a resource to be created.
   *
   * @param idField where the id stood in the request, for the error
   * @throws RejectedException INVALID_ARGUMENT when the parent or the id is not well-formed
   */
  public static ResourceName of(
      String parent, Scope scope, String collection, String idField, String id) {
    Matcher matcher = PARENT.matcher(parent);
    if (!matcher.matches() || !scope.holds(matcher.group(2)) || isWildcard(matcher.group(2))) {
      throw invalid("parent", parent, "must be " + scope.parent);
    }
    if (!ID_PATTERN.matcher(id).matches()) {
      throw invalid(
          idField,
          id,
          "must be 1-63 characters: a lower-case letter first, then lower-case letters, digits and"
              + " hyphens, no hyphen last");
    }
    return new ResourceName(matcher.group(1), matcher.group(2), collection, id);
  }

  /**
   * The prefix all names of a parent's collection have; the zone or region {@code -} means all, and
   * gives the prefix up to it.
   *
   * @throws RejectedException INVALID_ARGUMENT when the parent is not well-formed
   */
  public static String prefix(String parent, Scope scope, String collection) {
    Matcher matcher = PARENT.matcher(parent);
    if (!matcher.matches() || !scope.holds(matcher.group(2))) {
      throw invalid("parent", parent, "must be " + scope.parent);
    }
    String listed = matcher.group(2);
    return isWildcard(listed)
        ? "projects/" + matcher.group(1) + "/" + listed.substring(0, listed.length() - 1)
        : parent + "/" + collection + "/";
  }

  private static boolean isWildcard(String scope) {
    return scope.endsWith("/-");
  }

  private static RejectedException invalid(String field, String value, String rule) {
    return new RejectedException(
        new Rejection(
            Kind.INVALID_ARGUMENT,
            "INVALID_ARGUMENT",
            "Invalid value for field '%s': '%s'. It %s.".formatted(field, value, rule),
            List.of(new Violation(field, rule))));
  }

  @Override
  public String toString() {
    return "projects/" + project + "/" + scope + "/" + collection + "/" + id;
  }
}
