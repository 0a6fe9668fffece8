package io.openneg.healthservice.probe;

import io.netty.channel.ChannelException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslClosedEngineException;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.socket.SocketException;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import javax.net.ssl.SSLException;

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
        || (error instanceof SocketException socket && socket.isOurs())
        || words.contains("cannot assign requested address")
        || words.contains("too many open files")
        || words.contains("no buffer space")) {
      return new ProbeEnd.OwnFault(error.toString());
    }
    String why = error instanceof NoRouteToHostException ? "no route to host" : words(error);
    return ProbeEnd.failure(
        ProbeReason.UNREACHABLE, "%s cannot be reached: %s".formatted(address, why));
  }

  /** Why no TLS connection came about. */
  static ProbeEnd encrypting(Throwable error, String address) {
    Throwable cause =
        error instanceof DecoderException && error.getCause() != null ? error.getCause() : error;
    if (cause instanceof NotSslRecordException) {
      return ProbeEnd.failure(
          ProbeReason.TLS_ERROR, "not an answer of TLS from %s".formatted(address));
    }
    if (cause instanceof ClosedChannelException || cause instanceof SslClosedEngineException) {
      return closedWhileEncrypting(address);
    }
    if (cause instanceof SSLException) {
      return ProbeEnd.failure(
          ProbeReason.TLS_ERROR,
          "no TLS connection with %s: %s".formatted(address, Quote.of(root(cause))));
    }
    return reading(cause, address);
  }

  static ProbeEnd closedWhileEncrypting(String address) {
    return ProbeEnd.failure(
        ProbeReason.TLS_ERROR,
        "%s closed the connection during the TLS handshake".formatted(address));
  }

  /** The innermost reason is the one that tells: what is wrong with a certificate, for one. */
  private static String root(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  /** Why an open connection broke. */
  static ProbeEnd reading(Throwable error, String address) {
    if (error instanceof SSLException
        || (error instanceof DecoderException && error.getCause() instanceof SSLException)) {
      return encrypting(error, address);
    }
    if (error instanceof IOException) {
      String words = words(error);
      return words.contains("timed out")
          ? ProbeEnd.failure(ProbeReason.TIMEOUT, "no answer from %s: %s".formatted(address, words))
          : ProbeEnd.failure(
              ProbeReason.RESET, "%s broke the connection: %s".formatted(address, words));
    }
    return garbled("its protocol", error, address);
  }

  /** Why an answer cannot be understood. */
  static ProbeEnd garbled(String protocol, Throwable error, String address) {
    return ProbeEnd.failure(
        ProbeReason.PROTOCOL_ERROR,
        "not an answer of %s from %s: %s".formatted(protocol, address, Quote.of(words(error))));
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
