package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.openneg.edgeproxy.routing.HeaderChanges;
import io.openneg.edgeproxy.routing.HeaderChanges.Addition;
import io.openneg.edgeproxy.routing.HeaderChanges.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads the header fields that are added and removed at one level of a route configuration. */
final class HeaderChangesReader {
  private static final Set<String> NOT_CHANGED =
      Set.of("host", "connection", "content-length", "transfer-encoding", "upgrade");

  private HeaderChangesReader() {}

  /**
   * @param path of the level; empty for the configuration itself
   * @param kind {@code request_headers} or {@code response_headers}
   */
  static HeaderChanges read(
      List<HeaderValueOption> add, List<String> remove, String path, String kind) {
    String at = path.isEmpty() ? kind : path + "." + kind;
    List<Addition> additions = new ArrayList<>();
    for (int i = 0; i < add.size(); i++) {
      additions.add(addition(add.get(i), "%s_to_add[%d]".formatted(at, i)));
    }
    List<String> removals = new ArrayList<>();
    for (int i = 0; i < remove.size(); i++) {
      removals.add(name(remove.get(i), "%s_to_remove[%d]".formatted(at, i)));
    }
    return new HeaderChanges(removals, additions);
  }

  private static Addition addition(HeaderValueOption option, String path) {
    Mode mode =
        switch (option.getAppendAction()) {
          case APPEND_IF_EXISTS_OR_ADD -> Mode.APPEND;
          case ADD_IF_ABSENT -> Mode.ADD_IF_ABSENT;
          case OVERWRITE_IF_EXISTS_OR_ADD -> Mode.OVERWRITE;
          case OVERWRITE_IF_EXISTS -> Mode.OVERWRITE_IF_EXISTS;
          case UNRECOGNIZED -> throw new InvalidField(path + ".append_action", "unknown value");
        };
    return new Addition(
        name(option.getHeader().getKey(), path + ".header.key"),
        value(option.getHeader().getValue(), path + ".header.value"),
        mode);
  }

  private static String name(String name, String path) {
    String lower = Fields.required(name, path).toLowerCase(Locale.ROOT);
    if (lower.startsWith(":") || NOT_CHANGED.contains(lower)) {
      throw new InvalidField(
          path, "\"%s\" cannot be changed: it makes the message what it is".formatted(name));
    }
    return lower;
  }

  /** "%%" is a "%"; what else stands between two of them is a variable. */
  private static String value(String value, String path) {
    if (value.replace("%%", "").indexOf('%') >= 0) {
      throw new InvalidField(path, "\"" + value + "\": variables are not supported by this proxy");
    }
    if (value.isEmpty() || value.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new InvalidField(path, "must be a text of printable characters");
    }
    return value.replace("%%", "%");
  }
}
