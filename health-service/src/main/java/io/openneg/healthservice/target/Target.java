package io.openneg.healthservice.target;

/**
 * An endpoint as one health check sees it. Probed once, however many backend services and groups
 * lead to it.
 *
 * @param healthCheck full resource name
 * @param ip the endpoint's address, an IPv4 literal
 * @param port the endpoint's own port, which is not the probed one when the check has a fixed port
 */
public record Target(String healthCheck, String ip, int port) {

  /** The stream of its events, and their key on Kafka. */
  public String stream() {
    return healthCheck + "/targets/" + ip + ":" + port;
  }
}
