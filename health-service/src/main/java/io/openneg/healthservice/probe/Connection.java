package io.openneg.healthservice.probe;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** A connection to a target, and the probe that uses it. Confined to its event loop. */
final class Connection {
  private final Conversation conversation;
  private ProbeAttempt attempt;
  private @Nullable Channel channel;
  private int probes;

  Connection(Conversation conversation, ProbeAttempt first) {
    this.conversation = conversation;
    this.attempt = first;
  }

  void on(Channel opened) {
    channel = opened;
  }

  Conversation conversation() {
    return conversation;
  }

  /** The newest probe that uses it. */
  ProbeAttempt attempt() {
    return attempt;
  }

  /** Begins a probe's exchange; the connection stands. */
  void use(ProbeAttempt user) {
    attempt = user;
    probes++;
    if (channel != null) {
      conversation.begin(channel, user);
    }
  }

  int probes() {
    return probes;
  }

  boolean isOpen() {
    return channel != null && channel.isActive();
  }

  void close() {
    if (channel != null) {
      var _ = channel.close();
    }
  }
}
