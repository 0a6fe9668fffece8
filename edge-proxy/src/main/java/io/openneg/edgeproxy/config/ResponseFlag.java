package io.openneg.edgeproxy.config;

/** Why the proxy answers by itself: those of Envoy's response flags that this proxy can set. */
public enum ResponseFlag {
  /** No healthy upstream. */
  UH,
  /** Upstream connection failure. */
  UF,
  /** Upstream overflow: too many requests in flight. */
  UO,
  /** No route found. */
  NR,
  /** No cluster found. */
  NC,
  /** Upstream request timeout. */
  UT,
  /** Upstream retry limit exceeded. */
  URX,
  /** Upstream connection termination before an answer. */
  UC,
  /** Stream idle timeout. */
  SI,
  /** The client's request is no valid one. */
  DPE
}
