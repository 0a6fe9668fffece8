package io.openneg.proxyconfigservice.explain;

import io.openneg.proxyconfigservice.serve.ProxyProgress;
import io.openneg.proxyconfigservice.serve.ProxyProgress.Stage;
import io.openneg.proxyconfigservice.serve.ProxyProgress.Step;
import java.util.List;

/** Whether proxies have acknowledged what a request needs. Pure. */
final class ProxyLinks {
  private ProxyLinks() {}

  /**
   * Adds a link per proxy.
   *
   * @param node the id of the one that was asked about; empty: any
   */
  static void add(List<ProxyProgress> proxies, String node, Findings findings) {
    if (proxies.isEmpty()) {
      findings.fails(
          node.isEmpty() ? "proxies" : node,
          node.isEmpty() ? "none is connected" : "is not connected to this replica",
          "start it with the address of this service for its xDS, and its node id");
    }
    for (ProxyProgress proxy : proxies) {
      List<Stage> missing =
          proxy.stages().stream().filter(stage -> stage.step() != Step.HAD).toList();
      if (missing.isEmpty()) {
        findings.holds(proxy.nodeId(), "has acknowledged all of it");
      } else {
        findings.fails(
            proxy.nodeId(),
            String.join("; ", missing.stream().map(ProxyLinks::words).toList()),
            advice(missing));
      }
    }
  }

  private static String words(Stage stage) {
    String words =
        switch (stage.step()) {
          case HAD -> "acknowledged";
          case NOT_ACKNOWLEDGED -> "sent, not acknowledged";
          case NOT_SENT -> "not sent yet";
          case REFUSED -> "refused: " + stage.error();
          case NONE -> "not for this proxy";
          case NOT_ASKED_FOR -> "it has not asked for it";
        };
    return "%s: %s%s"
        .formatted(
            stage.resource(), words, stage.hasOlder() ? " (goes on with what it had before)" : "");
  }

  private static String advice(List<Stage> missing) {
    return missing.stream().anyMatch(stage -> stage.step() == Step.REFUSED)
        ? "change what it refuses; it is not sent again before"
        : "";
  }
}
