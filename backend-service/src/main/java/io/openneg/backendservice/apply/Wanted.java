package io.openneg.backendservice.apply;

import com.google.protobuf.Message;
import io.openneg.backend.v1.Configuration;
import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.api.Violations;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a configuration says, each resource by its full name. Immutable. */
final class Wanted {
  static final int MAX_RESOURCES = 1_000;

  private final Map<String, List<String>> names = new LinkedHashMap<>();
  private final Map<String, Message> resources = new LinkedHashMap<>();
  private final Set<String> groups = new HashSet<>();

  private Wanted() {}

  /**
   * @param parent {@code projects/{project}}
   * @throws RejectedException INVALID_ARGUMENT with everything that is wrong with the names
   */
  static Wanted of(String parent, Configuration configuration, List<Kind<?>> kinds) {
    Wanted wanted = new Wanted();
    Violations faults = new Violations();
    for (Kind<?> kind : kinds) {
      wanted.add(parent, configuration, kind, faults);
    }
    faults.check(
        wanted.resources.size() <= MAX_RESOURCES,
        "configuration",
        "must have at most %d resources, has %d".formatted(MAX_RESOURCES, wanted.resources.size()));
    faults.orThrow();
    return wanted;
  }

  private <M extends Message> void add(
      String parent, Configuration configuration, Kind<M> kind, Violations faults) {
    List<String> ofKind = new ArrayList<>();
    List<M> given = given(configuration, kind);
    for (int i = 0; i < given.size(); i++) {
      String field = path(kind.list(), i) + ".name";
      M resource = RelativeNames.complete(parent, given.get(i));
      String name =
          (String) resource.getField(resource.getDescriptorForType().findFieldByName("name"));
      if (!isName(kind, field, name, faults)) {
        continue;
      }
      faults.check(name.startsWith(parent + "/"), field, "must be in " + parent);
      faults.check(resources.put(name, resource) == null, field, "must be there once: " + name);
      ofKind.add(name);
      groups.addAll(kind.groups(resource));
    }
    names.put(kind.list(), List.copyOf(ofKind));
  }

  private static boolean isName(Kind<?> kind, String field, String name, Violations faults) {
    try {
      kind.resources().nameToApply(field, name);
      return true;
    } catch (RejectedException e) {
      e.rejection().violations().forEach(fault -> faults.check(false, field, fault.description()));
      return false;
    }
  }

  @SuppressWarnings("unchecked") // the list has the kind
  private static <M extends Message> List<M> given(Configuration configuration, Kind<M> kind) {
    return (List<M>)
        configuration.getField(
            Objects.requireNonNull(
                Configuration.getDescriptor().findFieldByName(kind.list()), kind.list()));
  }

  static String path(String list, int index) {
    return "%s[%d]".formatted(list, index);
  }

  /** Of each kind's list, in the order of the configuration. */
  Map<String, List<String>> names() {
    return names;
  }

  /** Names of all resources. */
  Set<String> all() {
    return resources.keySet();
  }

  @SuppressWarnings("unchecked") // a name has its kind's collection
  <M extends Message> M resource(Kind<M> kind, String name) {
    return (M) Objects.requireNonNull(resources.get(name), name);
  }

  /** Names of the network endpoint groups that anything names. */
  Set<String> groups() {
    return groups;
  }
}
