package io.openneg.local.system;

import io.openneg.embedded.ChildProcess;

/** How one component is started and ended; calls come one at a time. */
interface Launcher {
  /** Starts it, again on the same data if there was one before; it may not be ready yet. */
  ChildProcess launch();

  /** Ends it cleanly; does nothing when it is not running. */
  void stop();
}
