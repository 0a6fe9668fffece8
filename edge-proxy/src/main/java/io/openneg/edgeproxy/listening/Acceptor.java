package io.openneg.edgeproxy.listening;

import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.warming.ServingConfig.Server;
import io.vertx.core.Future;

/**
 * Accepts connections on one address. It belongs to the address, not to a listener: when a listener
 * changes, its connections stay. Thread-safe.
 */
public interface Acceptor {

  /** Makes the acceptor for what a listener does with connections; it does not listen yet. */
  interface Factory {
    Acceptor create(IpPort address, Server server);
  }

  /** What connections are treated by. */
  Server server();

  /**
   * Takes what is treated differently from now on.
   *
   * @return false when another kind of acceptor is needed for that; nothing has changed then
   */
  boolean serve(Server next);

  /** Begins to accept. Fails when the address cannot be had. */
  Future<Void> bind();

  /**
   * Stops accepting and closes what is idle; what is in flight goes on.
   *
   * @return completes when the address is free
   */
  Future<Void> stopAccepting();

  /** Completes when accepting was stopped and no connection is left. */
  Future<Void> drained();

  /** Closes everything at once. */
  Future<Void> close();
}
