package io.openneg.edgeproxy.config;

import io.openneg.edgeproxy.balancing.Policy;
import java.time.Duration;

/**
 * A group of endpoints and how they are used, see {@code Cluster} of xDS.
 *
 * @param edsName name of the ClusterLoadAssignment that holds its endpoints
 * @param edsTimeout how long its endpoints are waited for before it counts as known to have none;
 *     zero: for ever
 * @param localityWeighted whether the weights of localities count
 * @param proxyProtocol whether a connection begins with a PROXY header, version 1, that tells whose
 *     it is; only for connections that are forwarded as a whole
 * @param tls whether endpoints are spoken to over TLS, without verifying their certificates
 * @param idleTimeout how long an unused connection is kept; zero: for ever
 * @param maxRequests requests in flight at most; more are answered with 503
 * @param maxConnections connections that are forwarded as a whole, at most; more are closed. An
 *     HTTP/1.1 request in flight has a connection of its own, so it is a limit of requests too
 * @param maxRetries retries in flight at most; more are not made
 */
public record ClusterConfig(
    String name,
    String edsName,
    Duration edsTimeout,
    Duration connectTimeout,
    Policy policy,
    boolean localityWeighted,
    Protocol protocol,
    boolean proxyProtocol,
    boolean tls,
    Duration idleTimeout,
    long maxRequests,
    long maxConnections,
    long maxRetries) {

  /** What the endpoints speak. */
  public enum Protocol {
    HTTP_1_1,
    /** With prior knowledge in clear text, no upgrade; over TLS by ALPN. */
    HTTP_2
  }
}
