package io.openneg.healthservice.endpointhealth;

import io.openneg.healthservice.target.Target;

/** What can be asked of a target's stream. */
public sealed interface EndpointHealthCommand {
  Target target();

  /** The thresholds say that the verdict is another one. */
  record ChangeHealth(Target target, Streak.Transition transition)
      implements EndpointHealthCommand {}

  /** Nobody needs the target any more. */
  record StopProbing(Target target) implements EndpointHealthCommand {}
}
