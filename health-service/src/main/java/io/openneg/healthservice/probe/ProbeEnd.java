package io.openneg.healthservice.probe;

import io.openneg.healthservice.endpointhealth.ProbeReason;

/** How one probe ended. */
sealed interface ProbeEnd {

  /**
   * The target showed this.
   *
   * @param text for people
   */
  record Seen(ProbeReason reason, String text) implements ProbeEnd {}

  /** The fault is ours, such as no free file descriptor; it says nothing about the target. */
  record OwnFault(String text) implements ProbeEnd {}

  static ProbeEnd success(String text) {
    return new Seen(ProbeReason.SUCCESS, text);
  }

  static ProbeEnd failure(ProbeReason reason, String text) {
    return new Seen(reason, text);
  }
}
