package io.openneg.proxyconfigservice.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.proxyconfigservice.serve.ProxyProgress;
import io.openneg.proxyconfigservice.serve.ProxyProgress.Stage;
import io.openneg.proxyconfigservice.serve.ProxyProgress.Step;
import io.openneg.proxyconfigservice.serve.ResourceKey;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyLinksTest {
  private static final ResourceKey LISTENER = new ResourceKey(XdsType.LISTENER, "web");
  private static final ResourceKey CLUSTER = new ResourceKey(XdsType.CLUSTER, "c");

  private static List<Finding> links(String node, ProxyProgress... proxies) {
    Findings findings = new Findings();
    ProxyLinks.add(List.of(proxies), node, findings);
    return findings.list();
  }

  private static ProxyProgress proxy(String node, Step listener, Step cluster, String error) {
    return new ProxyProgress(
        node,
        "",
        List.of(
            new Stage(LISTENER, listener, "", false),
            new Stage(CLUSTER, cluster, error, cluster == Step.REFUSED)));
  }

  @Test
  void nobodyIsThereOrNotTheOneThatWasAskedAbout() {
    assertThat(links("")).extracting(Finding::text).containsExactly("none is connected");
    assertThat(links("edge"))
        .extracting(finding -> finding.resource() + " " + finding.text())
        .containsExactly("edge is not connected to this replica");
  }

  @Test
  void eachProxySaysWhatItLacksAndWhy() {
    assertThat(
            links(
                "",
                proxy("a", Step.HAD, Step.HAD, ""),
                proxy("b", Step.HAD, Step.REFUSED, "no such thing"),
                proxy("c", Step.NONE, Step.NOT_ACKNOWLEDGED, ""),
                proxy("d", Step.NOT_SENT, Step.NOT_ASKED_FOR, "")))
        .extracting(finding -> "%s %s".formatted(finding.holds(), finding.text()))
        .containsExactly(
            "true has acknowledged all of it",
            "false Cluster c: refused: no such thing (goes on with what it had before)",
            "false Listener web: not for this proxy; Cluster c: sent, not acknowledged",
            "false Listener web: not sent yet; Cluster c: it has not asked for it");
  }
}
