package io.openneg.proxyconfigservice.xds;

import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** Resources of one type by name, with the fingerprint of them all. Immutable. */
public final class ResourceSet {
  /** Without any resource. */
  public static final ResourceSet EMPTY = new ResourceSet(TreePMap.empty(), Fingerprint.NONE);

  private final TreePMap<String, XdsResource> byName;
  private final Fingerprint fingerprint;

  private ResourceSet(TreePMap<String, XdsResource> byName, Fingerprint fingerprint) {
    this.byName = byName;
    this.fingerprint = fingerprint;
  }

  public @Nullable XdsResource get(String name) {
    return byName.get(name);
  }

  /** In order of names. */
  public SortedMap<String, XdsResource> byName() {
    return byName;
  }

  public Fingerprint fingerprint() {
    return fingerprint;
  }

  /** This set itself when it has the same resource already. */
  public ResourceSet with(XdsResource resource) {
    @Nullable XdsResource before = byName.get(resource.name());
    if (resource.equals(before)) {
      return this;
    }
    Fingerprint rest = before == null ? fingerprint : fingerprint.minus(before.fingerprint());
    return new ResourceSet(
        byName.plus(resource.name(), resource), rest.plus(resource.fingerprint()));
  }

  public ResourceSet without(String name) {
    @Nullable XdsResource before = byName.get(name);
    return before == null
        ? this
        : new ResourceSet(byName.minus(name), fingerprint.minus(before.fingerprint()));
  }

  /** These resources instead of those; what is the same stays the same object. */
  ResourceSet replacedBy(Map<String, XdsResource> resources) {
    ResourceSet result = this;
    for (String name : byName.keySet()) {
      if (!resources.containsKey(name)) {
        result = result.without(name);
      }
    }
    for (XdsResource resource : resources.values()) {
      result = result.with(resource);
    }
    return result;
  }

  /** Names whose resources differ between two sets. */
  public Set<String> differencesTo(ResourceSet that) {
    Set<String> names = new HashSet<>(byName.keySet());
    names.addAll(that.byName.keySet());
    names.removeIf(name -> Objects.equals(byName.get(name), that.byName.get(name)));
    return names;
  }
}
