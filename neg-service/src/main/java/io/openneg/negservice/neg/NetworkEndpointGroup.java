package io.openneg.negservice.neg;

import org.pcollections.HashTreePSet;
import org.pcollections.PSet;

/** What the stream of one name amounts to. Immutable; each step costs the same at any size. */
public sealed interface NetworkEndpointGroup {

  /** No group has this name: none ever had, or the last one was deleted. */
  record Absent() implements NetworkEndpointGroup {}

  /**
   * @param endpoints who is attached; the details are of no concern to any rule
   * @param refusedDeletions tells the deletions of one group apart
   */
  record Live(NegDefinition definition, PSet<EndpointAddress> endpoints, int refusedDeletions)
      implements NetworkEndpointGroup {

    static Live created(NegDefinition definition) {
      return new Live(definition, HashTreePSet.empty(), 0);
    }

    Live with(EndpointAddress endpoint) {
      return new Live(definition, endpoints.plus(endpoint), refusedDeletions);
    }

    Live without(EndpointAddress endpoint) {
      return new Live(definition, endpoints.minus(endpoint), refusedDeletions);
    }

    Live afterRefusedDeletion() {
      return new Live(definition, endpoints, refusedDeletions + 1);
    }
  }

  /** Its deletion is recorded and not decided: it is as it was, and nothing about it changes. */
  record Deleting(Live group) implements NetworkEndpointGroup {}
}
