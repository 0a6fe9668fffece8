package io.openneg.backendservice.apply;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Violation;

/** Says where in a configuration a refused command came from. */
final class Located {
  private Located() {}

  /**
   * Runs something whose refusals name fields of one resource.
   *
   * @param called what they begin with: {@code backend_service}
   * @param path what they begin with when they get through: {@code backend_services[2]}
   */
  static void at(String called, String path, Runnable command) {
    try {
      command.run();
    } catch (RejectedException e) {
      throw new RejectedException(moved(e.rejection(), called, path));
    }
  }

  static Rejection moved(Rejection rejection, String called, String path) {
    String message = rejection.message().replace("'" + called + ".", "'" + path + ".");
    message = message.replace("'" + called + "'", "'" + path + "'");
    return new Rejection(
        rejection.kind(),
        rejection.reason(),
        message.contains(path) ? message : path + ": " + message,
        rejection.violations().stream()
            .map(v -> new Violation(moved(v.subject(), called, path), v.description()))
            .toList());
  }

  private static String moved(String field, String called, String path) {
    return field.equals(called) || field.startsWith(called + ".")
        ? path + field.substring(called.length())
        : field;
  }
}
