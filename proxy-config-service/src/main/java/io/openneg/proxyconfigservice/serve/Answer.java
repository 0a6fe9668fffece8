package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is sent at once of one type. Immutable.
 *
 * @param after what the client holds once it has accepted it
 * @param version of all that the client then holds
 * @param revision of the routing table that it comes from
 * @param sentAt as of {@link System#nanoTime}
 */
record Answer(
    XdsType type,
    Content content,
    ResourceSet after,
    String version,
    long revision,
    String nonce,
    long sentAt) {

  /**
   * In order of names.
   *
   * @param removed names of which there is no resource (any more)
   */
  record Content(List<XdsResource> resources, List<String> removed) {
    static final Content NONE = new Content(List.of(), List.of());

    Content {
      resources = List.copyOf(resources);
      removed = List.copyOf(removed);
    }

    boolean isEmpty() {
      return resources.isEmpty() && removed.isEmpty();
    }

    /** How many resources it speaks of. */
    int size() {
      return resources.size() + removed.size();
    }

    Set<String> names() {
      Set<String> names = new TreeSet<>(removed);
      resources.forEach(resource -> names.add(resource.name()));
      return names;
    }

    /** What a client that holds these holds then. */
    ResourceSet added(ResourceSet to) {
      ResourceSet result = to;
      for (XdsResource resource : resources) {
        result = result.with(resource);
      }
      for (String name : removed) {
        result = result.without(name);
      }
      return result;
    }
  }

  /** Without these, as far as the client is concerned. */
  Answer withoutEffectOn(Iterable<String> names) {
    ResourceSet rest = after;
    for (String name : names) {
      rest = rest.without(name);
    }
    return new Answer(type, content, rest, version, revision, nonce, sentAt);
  }
}
