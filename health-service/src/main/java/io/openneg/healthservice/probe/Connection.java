package io.openneg.healthservice.probe;

import java.time.Duration;

/** A connection to a target, and the probe that uses it. Confined to its event loop. */
interface Connection {
  /** How long a server may take to close a finished connection, so that TIME_WAIT is its. */
  Duration LINGER = Duration.ofSeconds(1);

  /** Begins a probe's exchange; the connection stands. */
  void use(ProbeAttempt user);

  /** How many probes have used it. */
  int probes();

  boolean isOpen();

  /** Lets the server close it, and does so itself if that takes too long. */
  void closeAfterServer();

  void close();
}
