package io.openneg.proxyconfigservice.serve;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a proxy is with some resources. Immutable.
 *
 * @param region where it runs; empty: unknown
 * @param stages of each resource asked about, in the order in which they were
 */
public record ProxyProgress(String nodeId, String region, List<Stage> stages) {
  public ProxyProgress {
    stages = List.copyOf(stages);
  }

  /** How far it is with one resource. */
  public enum Step {
    /** It has acknowledged what it is to have. */
    HAD,
    NOT_ACKNOWLEDGED,
    NOT_SENT,
    REFUSED,
    /** There is none for it. */
    NONE,
    NOT_ASKED_FOR
  }

  /**
   * How far it is with one resource, and with an older version of it.
   *
   * @param error in the proxy's words when it refuses it; else empty
   * @param hasOlder whether it goes on with a version of before
   */
  public record Stage(ResourceKey resource, Step step, String error, boolean hasOlder) {}

  /** Of views of any nodes, a proxy each; one may have a stream per type. In order of nodes. */
  static List<ProxyProgress> of(Collection<ClientView> views, List<ResourceKey> resources) {
    Map<String, List<ClientView>> byNode = new TreeMap<>();
    for (ClientView view : views) {
      byNode.computeIfAbsent(view.node().getId(), _ -> new ArrayList<>()).add(view);
    }
    return byNode.values().stream()
        .map(
            ofNode ->
                new ProxyProgress(
                    ofNode.getFirst().node().getId(),
                    ofNode.getFirst().node().getLocality().getRegion(),
                    resources.stream().map(resource -> stage(ofNode, resource)).toList()))
        .toList();
  }

  private static Stage stage(List<ClientView> streams, ResourceKey key) {
    return streams.stream()
        .flatMap(stream -> stream.resources().stream())
        .filter(state -> state.type() == key.type() && state.name().equals(key.name()))
        .map(state -> stage(state, key))
        .min(Comparator.comparing(Stage::step))
        .orElse(new Stage(key, Step.NOT_ASKED_FOR, "", false));
  }

  private static Stage stage(ResourceState state, ResourceKey key) {
    Step step =
        switch (state.progress()) {
          case HAD -> state.expected() == null ? Step.NONE : Step.HAD;
          case NOT_ACKNOWLEDGED -> Step.NOT_ACKNOWLEDGED;
          case NOT_SENT -> state.expected() == null ? Step.NONE : Step.NOT_SENT;
          case REFUSED -> Step.REFUSED;
        };
    return new Stage(
        key,
        step,
        state.refusal() == null ? "" : state.refusal().error(),
        step != Step.HAD && state.held() != null);
  }
}
