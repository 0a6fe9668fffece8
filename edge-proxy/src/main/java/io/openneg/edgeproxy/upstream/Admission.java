package io.openneg.edgeproxy.upstream;

/** Whether, and to which endpoint, a cluster lets a request through. */
public sealed interface Admission {

  /** To this one. */
  record Granted(Lease lease) implements Admission {}

  /** No endpoint is eligible. */
  record NoHealthyHost() implements Admission {}

  /** Too many requests, or too many retries, are in flight. */
  record Overflow() implements Admission {}

  /** This version of the cluster has just been replaced or removed: look it up again. */
  record Retired() implements Admission {}
}
