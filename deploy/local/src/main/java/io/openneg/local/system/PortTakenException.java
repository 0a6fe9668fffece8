package io.openneg.local.system;

/**
 * Somebody else listens where the system should; the message says where and which setting changes
 * it.
 */
public final class PortTakenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PortTakenException(String message) {
    super(message);
  }
}
