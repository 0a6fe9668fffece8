package io.openneg.proxyconfigservice.serve;

import java.util.HashMap;
import java.util.Map;

/** What a client says, when it comes, that it has of a type. */
sealed interface Resumption {

  /** State of the world: one version for all that it subscribes to; empty: it has nothing. */
  record Whole(String version) implements Resumption {}

  /** Delta: the version of each resource it has. */
  record Each(Map<String, String> versions) implements Resumption {
    public Each {
      versions = new HashMap<>(versions);
    }
  }
}
