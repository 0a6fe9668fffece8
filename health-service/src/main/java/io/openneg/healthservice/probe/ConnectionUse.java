package io.openneg.healthservice.probe;

/** How many probes a connection serves. */
public enum ConnectionUse {
  /**
   * One: a process that hangs may keep its old connections and take no new ones, so only a new
   * connection shows that the server takes part; and a server that gives a thread to each
   * connection is not robbed of one.
   */
  NEW,
  /**
   * Up to {@value Connector#PROBES_PER_CONNECTION}, of HTTP, HTTPS, HTTP2 and gRPC checks: costs
   * about 60 %, and finds a server that takes no new connections later.
   */
  KEPT
}
