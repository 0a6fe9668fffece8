package io.openneg.edgeproxy.config;

import io.openneg.edgeproxy.routing.RouteTable;

/**
 * One address to listen on, and how requests that come in there are treated.
 *
 * @param name name of the Listener
 * @param address where to listen
 */
public record ListenerConfig(String name, IpPort address, Routes routes, HttpOptions http) {

  /** Where a listener's routes come from. */
  public sealed interface Routes {
    /** A RouteConfiguration by its name, from RDS. */
    record Named(String name) implements Routes {}

    /** Part of the Listener itself. */
    record Inline(RouteTable table) implements Routes {}
  }
}
