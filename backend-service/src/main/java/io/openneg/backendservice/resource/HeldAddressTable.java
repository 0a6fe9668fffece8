package io.openneg.backendservice.resource;

import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Which address resource, or forwarding rule, has an IP address for itself. The primary key decides
 * between all of them.
 */
public final class HeldAddressTable {
  // The first half of PostgreSQL's key; "IP" in ASCII.
  private static final int LOCK_CLASS = 0x4950;

  private HeldAddressTable() {}

  static void take(Handle tx, String holder, String ip) {
    tx.createUpdate("INSERT INTO held_address (number, holder) VALUES (:number, :holder)")
        .bind("number", number(ip))
        .bind("holder", holder)
        .execute();
  }

  /**
   * Waits for the commands that ask about the same IP address, until the end of the transaction: a
   * rule that just listens on one holds nothing. It is no write.
   */
  public static void lock(Handle tx, String ip) {
    tx.createQuery("SELECT pg_advisory_xact_lock(:class, :bits)")
        .bind("class", LOCK_CLASS)
        .bind("bits", (int) number(ip))
        .map((_, _) -> true)
        .list();
  }

  /** The same for several of them, until the session releases its locks. */
  static void hold(Handle session, Collection<String> ips) {
    ips.stream()
        .map(ip -> (int) number(ip))
        .distinct()
        .sorted()
        .forEach(
            bits ->
                session
                    .createQuery("SELECT pg_advisory_lock(:class, :bits)")
                    .bind("class", LOCK_CLASS)
                    .bind("bits", bits)
                    .map((_, _) -> true)
                    .list());
  }

  /** Who holds an IP address. */
  public static Optional<String> holder(Handle handle, String ip) {
    return handle
        .createQuery("SELECT holder FROM held_address WHERE number = :number")
        .bind("number", number(ip))
        .mapTo(String.class)
        .findOne();
  }

  /** The lowest address of these ranges that nobody holds. */
  public static Optional<String> lowestFree(Handle handle, List<Ipv4Range> ranges) {
    for (Ipv4Range range : ranges) {
      Optional<String> free =
          handle
              .createQuery(
                  """
                  SELECT min(number) FROM (
                    SELECT CAST(:first AS bigint) AS number
                    UNION ALL
                    SELECT number + 1 FROM held_address WHERE number BETWEEN :first AND :last) AS c
                  WHERE number <= :last
                    AND NOT EXISTS (SELECT FROM held_address h WHERE h.number = c.number)
                  """)
              .bind("first", Integer.toUnsignedLong(range.first().bits()))
              .bind("last", Integer.toUnsignedLong(range.last().bits()))
              .mapTo(Long.class)
              .findOne()
              .map(number -> new Ipv4Address(number.intValue()).toString());
      if (free.isPresent()) {
        return free;
      }
    }
    return Optional.empty();
  }

  /**
   * @param ip one that {@link Ipv4Address} reads
   */
  private static long number(String ip) {
    return Integer.toUnsignedLong(Ipv4Address.parse(ip).orElseThrow().bits());
  }
}
