package io.openneg.eventlog;

/**
 * Carries a {@link Rejection} out of code that cannot return one; the edge turns it into a reply.
 */
public final class RejectedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Rejection rejection;

  public RejectedException(Rejection rejection) {
    // No stack trace: a refusal is an answer, not a fault.
    super(rejection.reason() + ": " + rejection.message(), null, false, false);
    this.rejection = rejection;
  }

  public Rejection rejection() {
    return rejection;
  }
}
