package io.openneg.healthservice.endpointhealth;

/**
 * How a probe ended, and what people can do about it. The names are those of the published
 * language.
 */
public enum ProbeReason {
  SUCCESS(""),
  CONNECTION_REFUSED(
      "The machine answers, and nothing listens on the port: the process is not up, or listens on"
          + " another port or only on 127.0.0.1. A firewall that rejects looks the same."),
  /** No connection within the timeout: a firewall that drops, or no such machine. */
  CONNECT_TIMEOUT(
      "Nothing came back: a firewall drops the prober's packets, or no such machine is there."
          + " Allow the machines of health-service to reach the port."),
  /** Connected, but no complete answer within the timeout. */
  TIMEOUT(
      "The port is open and the server is too slow, hangs, or waits for another protocol: look at"
          + " its load and threads, or raise timeout_sec."),
  HTTP_STATUS(
      "The server answers with another status than 200; redirects are not followed. Check"
          + " request_path and host, and what the server says of itself."),
  RESPONSE_MISMATCH(
      "The answer came, without the expected text: compare the check's response with what the"
          + " server sends. The first 1,024 bytes count."),
  RESET(
      "The connection was opened and then broken: the process crashed, is overloaded, or something"
          + " between refuses the conversation."),
  /** The network says there is no way there. */
  UNREACHABLE(
      "The network has no way to the address: check routes and subnetworks between health-service"
          + " and the endpoint."),
  /** Not an answer of the protocol. */
  PROTOCOL_ERROR(
      "The server speaks another protocol, or ended early: check the port and the kind of check"
          + " (TLS or not, HTTP/1.1 or HTTP/2, PROXY header or not)."),
  /** No TLS connection came about. */
  TLS_ERROR(
      "The port is open and TLS fails: the server does not speak TLS (or not HTTP/2 over it), has"
          + " no version or cipher in common, or its certificate is not good although the check"
          + " wants it verified."),
  /** Another gRPC status than OK, or a serving status other than SERVING. */
  GRPC_STATUS(
      "The gRPC server does not call itself serving: UNIMPLEMENTED means it lacks the health"
          + " service, NOT_FOUND that it does not know grpc_service_name.");

  private final String help;

  ProbeReason(String help) {
    this.help = help;
  }

  /** What the reason means and what to do about it; empty with SUCCESS. */
  public String help() {
    return help;
  }
}
