package io.openneg.healthservice.endpointhealth;

/** How a probe ended. The names are those of the published language. */
public enum ProbeReason {
  SUCCESS,
  CONNECTION_REFUSED,
  /** No connection within the timeout: a firewall that drops, or no such machine. */
  CONNECT_TIMEOUT,
  /** Connected, but no complete answer within the timeout. */
  TIMEOUT,
  HTTP_STATUS,
  RESPONSE_MISMATCH,
  RESET,
  /** The network says there is no way there. */
  UNREACHABLE,
  /** Not an answer of the protocol. */
  PROTOCOL_ERROR
}
