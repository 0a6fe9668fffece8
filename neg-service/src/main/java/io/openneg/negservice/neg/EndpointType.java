package io.openneg.negservice.neg;

/** What the endpoints of a group are; compute v1's NetworkEndpointType. */
public enum EndpointType {
  /** An address of a VM, and a port. */
  GCE_VM_IP_PORT,
  /** A private address anywhere, and a port. */
  NON_GCP_PRIVATE_IP_PORT
}
