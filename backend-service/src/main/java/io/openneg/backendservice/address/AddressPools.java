package io.openneg.backendservice.address;

import io.openneg.backend.v1.Address;
import io.openneg.backendservice.resource.References;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where addresses come from that nobody chose; what an operator says once for all projects.
 * Immutable.
 *
 * <p>Written as {@code external global: range range; external region: range; internal region:
 * range}, such as {@code external global: 203.0.113.0/24; internal lab: 10.9.0.0/24}.
 */
public final class AddressPools {

  private record Key(Address.Type type, String region) {}

  private final Map<Key, List<Ipv4Range>> pools;

  private AddressPools(Map<Key, List<Ipv4Range>> pools) {
    this.pools = Map.copyOf(pools);
  }

  /**
   * @param catalogue knows the regions
   * @throws IllegalArgumentException when it is not written so; the message names the fault
   */
  public static AddressPools parse(String text, Catalogue catalogue) {
    Map<Key, List<Ipv4Range>> pools = new HashMap<>();
    List<Ipv4Range> all = new ArrayList<>();
    for (String entry : text.split(";", -1)) {
      if (entry.isBlank()) {
        continue;
      }
      String[] sides = entry.split(":", 2);
      String[] words = sides[0].strip().split("\\s+", -1);
      if (sides.length < 2 || words.length != 2) {
        throw fault("'%s' is not 'external global: range range'".formatted(entry.strip()));
      }
      List<Ipv4Range> ranges = new ArrayList<>();
      for (String word : sides[1].strip().split("\\s+", -1)) {
        Ipv4Range range =
            Ipv4Range.parse(word).orElseThrow(() -> fault("'%s' is not a range".formatted(word)));
        for (Ipv4Range other : all) {
          if (other.overlaps(range)) {
            throw fault("%s and %s overlap".formatted(other, range));
          }
        }
        all.add(range);
        ranges.add(range);
      }
      Key key = key(words[0], words[1], catalogue);
      if (pools.putIfAbsent(key, List.copyOf(ranges)) != null) {
        throw fault("'%s %s' comes twice".formatted(words[0], words[1]));
      }
    }
    return new AddressPools(pools);
  }

  private static Key key(String type, String scope, Catalogue catalogue) {
    Address.Type of =
        switch (type.toLowerCase(Locale.ROOT)) {
          case "external" -> Address.Type.EXTERNAL;
          case "internal" -> Address.Type.INTERNAL;
          default -> throw fault("'%s' is neither 'external' nor 'internal'".formatted(type));
        };
    boolean global = scope.equals("global");
    if (global && of == Address.Type.INTERNAL) {
      throw fault("internal addresses are in a region");
    }
    if (!global && catalogue.regions().stream().noneMatch(r -> r.name().equals(scope))) {
      throw fault("'%s' is no region of OPENNEG_ZONES".formatted(scope));
    }
    return new Key(of, global ? "" : scope);
  }

  private static IllegalArgumentException fault(String fault) {
    return new IllegalArgumentException("OPENNEG_ADDRESS_POOLS: " + fault);
  }

  /**
   * The pool of a type for the scope of a resource; empty: none is configured.
   *
   * @param name of the address or forwarding rule
   */
  public List<Ipv4Range> of(Address.Type type, String name) {
    return pools.getOrDefault(new Key(type, References.region(name)), List.of());
  }

  /** Whether an address is in any of the pools. */
  public boolean contain(Ipv4Address address) {
    return pools.values().stream().flatMap(List::stream).anyMatch(r -> r.contains(address));
  }
}
