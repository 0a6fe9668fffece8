package io.openneg.edgeproxy.balancing;

/**
 * Smooth weighted round robin: in every run of choices each index comes as often as its weight
 * says, spread as evenly as can be rather than in bursts (nginx' algorithm). Not thread-safe.
 */
final class SmoothWeights {

  private final double[] weights;
  private final double[] credits;
  private final double total;

  /**
   * @param weights at least one of them positive, none negative; an index of weight 0 is never
   *     chosen
   */
  SmoothWeights(double[] weights) {
    this.weights = weights.clone();
    this.credits = new double[weights.length];
    double sum = 0;
    for (double weight : weights) {
      if (weight < 0) {
        throw new IllegalArgumentException("negative weight " + weight);
      }
      sum += weight;
    }
    if (!(sum > 0)) {
      throw new IllegalArgumentException("no positive weight");
    }
    this.total = sum;
  }

  int next() {
    int best = -1;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        credits[i] += weights[i];
        if (best < 0 || credits[i] > credits[best]) {
          best = i;
        }
      }
    }
    credits[best] -= total;
    return best;
  }

  /** What index {@code i} is owed, as a share of a choice; carried over when weights change. */
  double credit(int i) {
    return credits[i] / total;
  }

  /** Continues with what a predecessor owed index {@code i}, see {@link #credit}. */
  void carryOver(int i, double credit) {
    credits[i] = credit * total;
  }
}
