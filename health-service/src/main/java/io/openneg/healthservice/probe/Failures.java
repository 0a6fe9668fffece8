package io.openneg.healthservice.probe;

import io.netty.channel.ChannelException;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.util.Locale;

/**
 * Tells apart why a connection failed. Java has few exception classes for what the kernel says, so
 * for the rest its words count.
 */
final class Failures {
  private Failures() {}

  /** Why there is no connection. */
  static ProbeEnd connecting(Throwable error, String address) {
    String words = words(error);
    if (words.contains("connection refused")) {
      return ProbeEnd.failure(
          ProbeReason.CONNECTION_REFUSED, "connection refused by %s".formatted(address));
    }
    if (words.contains("timed out")) {
      return ProbeEnd.failure(
          ProbeReason.CONNECT_TIMEOUT,
          "no connection to %s: the network gave up waiting".formatted(address));
    }
    if (words.contains("reset")) {
      return ProbeEnd.failure(
          ProbeReason.RESET, "connection reset by %s while connecting".formatted(address));
    }
    if (error instanceof ChannelException
        || words.contains("cannot assign requested address")
        || words.contains("too many open files")
        || words.contains("no buffer space")) {
      return new ProbeEnd.OwnFault(error.toString());
    }
    String why = error instanceof NoRouteToHostException ? "no route to host" : words(error);
    return ProbeEnd.failure(
        ProbeReason.UNREACHABLE, "%s cannot be reached: %s".formatted(address, why));
  }

  /** Why an open connection broke. */
  static ProbeEnd reading(Throwable error, String address) {
    if (error instanceof IOException) {
      String words = words(error);
      return words.contains("timed out")
          ? ProbeEnd.failure(ProbeReason.TIMEOUT, "no answer from %s: %s".formatted(address, words))
          : ProbeEnd.failure(
              ProbeReason.RESET, "%s broke the connection: %s".formatted(address, words));
    }
    return garbled(error, address);
  }

  /** Why an answer cannot be understood. */
  static ProbeEnd garbled(Throwable error, String address) {
    return ProbeEnd.failure(
        ProbeReason.PROTOCOL_ERROR,
        "not an answer of HTTP from %s: %s".formatted(address, Quote.of(words(error))));
  }

  private static String words(Throwable error) {
    String message = error.getMessage();
    if (message == null) {
      return error.getClass().getSimpleName();
    }
    // Netty appends the address, which the text has already.
    int address = message.indexOf(": /");
    return (address < 0 ? message : message.substring(0, address)).toLowerCase(Locale.ROOT);
  }
}
