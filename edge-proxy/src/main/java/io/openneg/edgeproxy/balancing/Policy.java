package io.openneg.edgeproxy.balancing;

/** How an endpoint is chosen within a locality. */
public sealed interface Policy {

  /** One after the other. */
  record RoundRobin() implements Policy {}

  /** Any, each as likely as the others. */
  record Random() implements Policy {}

  /**
   * The one with the fewest requests in flight among some that are drawn at random.
   *
   * @param choices how many are drawn, at least 2
   */
  record LeastRequest(int choices) implements Policy {}

  /**
   * The same one for the same hash of a request, by weighted rendezvous: of all endpoints of the
   * priority the one with the highest score for the hash, so that only the requests of an endpoint
   * that goes move to others.
   */
  record Hash() implements Policy {}
}
