package io.openneg.backendservice.resource;

import io.openneg.backend.v1.ForwardingRule;
import io.openneg.serviceruntime.address.Ipv4Address;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Which forwarding rule listens where. An exclusion constraint keeps two rules apart; 0.0.0.0 is
 * every address, so a rule on it and one on a single address exclude each other on the same port.
 */
public final class ListeningTable {
  private static final long ADDRESSES = 1L << 32;

  private ListeningTable() {}

  static void take(Handle tx, String name, ForwardingRule rule) {
    tx.createUpdate("INSERT INTO listening (rule, addresses) VALUES (:rule, int8range(:from, :to))")
        .bind("rule", name)
        .bind("from", from(rule))
        .bind("to", to(rule))
        .execute();
  }

  /** The rule in whose way this one would be. */
  public static Optional<String> taken(Handle handle, ForwardingRule rule) {
    return handle
        .createQuery("SELECT rule FROM listening WHERE addresses && int8range(:from, :to) LIMIT 1")
        .bind("from", from(rule))
        .bind("to", to(rule))
        .mapTo(String.class)
        .findOne();
  }

  /** A rule that listens on just this IP address, on any port. */
  public static Optional<String> listener(Handle handle, String ip) {
    return handle
        .createQuery(
            """
            SELECT rule FROM listening
            WHERE lower(addresses) % :all = :number AND upper(addresses) = lower(addresses) + 1
            ORDER BY rule LIMIT 1
            """)
        .bind("all", ADDRESSES)
        .bind("number", number(ip))
        .mapTo(String.class)
        .findOne();
  }

  private static long from(ForwardingRule rule) {
    return port(rule) * ADDRESSES + number(rule.getIpAddress());
  }

  private static long to(ForwardingRule rule) {
    long number = number(rule.getIpAddress());
    return number == 0 ? (port(rule) + 1) * ADDRESSES : from(rule) + 1;
  }

  private static long port(ForwardingRule rule) {
    String range = rule.getPortRange();
    return Long.parseLong(range.substring(0, range.indexOf('-')));
  }

  private static long number(String ip) {
    return Integer.toUnsignedLong(Ipv4Address.parse(ip).orElseThrow().bits());
  }
}
