package io.openneg.edgeproxy.config;

/** What the control plane says of an endpoint. Only a healthy one gets new requests. */
public enum Health {
  /** Healthy, or not checked at all. */
  HEALTHY,
  /** Anything that is neither of the others, a degraded endpoint too. */
  UNHEALTHY,
  /** Being taken out: requests in flight finish. */
  DRAINING
}
