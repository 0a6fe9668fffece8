package io.openneg.healthservice.probe;

/** What plain probes are made with: a verdict must not depend on it. */
enum SocketKind {
  /** Where they can be had. */
  BARE,
  CHANNEL;

  Probes probes() {
    return new Probes(new TlsClients(null), this == BARE ? new Lanes(1) : new Lanes(1, false));
  }
}
