package io.openneg.proxyconfigservice.explain;

import java.util.List;

/** Links as the API shows them. */
final class FindingMessages {
  private FindingMessages() {}

  static List<io.openneg.proxyconfig.v1.Finding> of(List<Finding> findings) {
    return findings.stream()
        .map(
            finding ->
                io.openneg.proxyconfig.v1.Finding.newBuilder()
                    .setResource(finding.resource())
                    .setHolds(finding.holds())
                    .setText(finding.text())
                    .setAdvice(finding.advice())
                    .build())
        .toList();
  }
}
