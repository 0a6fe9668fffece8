package io.openneg.local.system;

import java.time.Duration;
import java.util.List;

/** Hears what becomes of the processes; called from several threads, one call at a time. */
public interface SystemListener {
  /** Does nothing. */
  SystemListener NONE = new SystemListener() {};

  /**
   * A process is ready, at the system's start or again.
   *
   * @param after since it was started
   */
  default void ready(Component component, Duration after) {}

  /**
   * A process of a supervised system ended by itself, or could not be started again.
   *
   * @param what one sentence
   * @param next until the next attempt to start it
   */
  default void died(Component component, String what, List<String> lastLogLines, Duration next) {}
}
