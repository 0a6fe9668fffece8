package io.openneg.healthservice.probe;

import io.netty.channel.EventLoop;

/** An event loop and what goes with it; a target's probes stay in one. */
record Lane(EventLoop loop, TimingWheel timers, PauseWatch pauses) {
  static Lane on(EventLoop loop) {
    return new Lane(loop, new TimingWheel(loop), PauseWatch.start(loop));
  }
}
