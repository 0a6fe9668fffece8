package io.openneg.negservice.neg;

/**
 * What an operator may choose about groups.
 *
 * @param labAddresses whether loopback addresses may be attached, for a laptop or a test
 * @param groupsPerProject how many groups a project may have
 */
public record NegSettings(boolean labAddresses, int groupsPerProject) {
  /** The least a project must be able to have (seed). */
  private static final int MIN_GROUPS = 100;

  public NegSettings {
    if (groupsPerProject < MIN_GROUPS) {
      throw new IllegalArgumentException(
          "OPENNEG_NEGS_PER_PROJECT must be at least %d, is %d"
              .formatted(MIN_GROUPS, groupsPerProject));
    }
  }
}
