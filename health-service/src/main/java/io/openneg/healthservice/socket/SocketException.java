package io.openneg.healthservice.socket;

import java.io.IOException;

/** What the kernel says of a socket, in its words. Without a stack trace: it may say so often. */
public final class SocketException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean ours;

  SocketException(int error, boolean ours) {
    super(Kernel.words(error));
    this.ours = ours;
  }

  /** Whether there was not even a socket, which is no fault of the other side. */
  public boolean isOurs() {
    return ours;
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
