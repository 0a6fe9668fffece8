package io.openneg.healthservice;

/** What this replica is to do. */
enum Role {
  /** The tables may be incomplete: what is absent from them is unknown, not gone. */
  STARTING,
  /** Other replicas have all shards. */
  STANDBY,
  PROBING
}
