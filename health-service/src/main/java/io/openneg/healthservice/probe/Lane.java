package io.openneg.healthservice.probe;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.openneg.healthservice.socket.SocketLoop;

/** An event loop and what goes with it; a target's probes stay in one. */
sealed interface Lane {
  EventExecutor loop();

  TimingWheel timers();

  PauseWatch pauses();

  /** For all that a probe may speak. */
  record OfChannels(EventLoop loop, TimingWheel timers, PauseWatch pauses) implements Lane {}

  /** For what is spoken without TLS and HTTP/2, at less than half the cost. */
  record OfSockets(SocketLoop loop, TimingWheel timers, PauseWatch pauses) implements Lane {}

  static Lane of(EventLoop loop) {
    return new OfChannels(loop, new TimingWheel(loop), PauseWatch.start(loop));
  }

  static Lane of(SocketLoop loop) {
    return new OfSockets(loop, new TimingWheel(loop), PauseWatch.start(loop));
  }
}
