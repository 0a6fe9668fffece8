package io.openneg.healthservice.endpointhealth;

/** The verdict on a target. */
public enum HealthState {
  /** No verdict yet. Gets no traffic. */
  UNKNOWN,
  HEALTHY,
  UNHEALTHY
}
