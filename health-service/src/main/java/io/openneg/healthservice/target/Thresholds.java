package io.openneg.healthservice.target;

/**
 * How many probes in a row change a verdict.
 *
 * @param healthy successes that make an endpoint healthy, 1..10 (compute v1)
 * @param unhealthy failures that make an endpoint unhealthy, 1..10 (compute v1)
 */
public record Thresholds(int healthy, int unhealthy) {
  private static final int MAX = 10;

  public Thresholds {
    check("healthy_threshold", healthy);
    check("unhealthy_threshold", unhealthy);
  }

  private static void check(String field, int value) {
    if (value < 1 || value > MAX) {
      throw new IllegalArgumentException("%s must be 1..%d, is %d".formatted(field, MAX, value));
    }
  }
}
