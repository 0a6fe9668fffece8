package io.openneg.negservice.inventory.instance;

import io.openneg.eventlog.RejectedException;
import io.openneg.neg.v1.AliasIpRange;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.NetworkInterface;
import io.openneg.neg.v1.SecondaryRange;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.negservice.inventory.instance.Surroundings.Taken;
import io.openneg.negservice.inventory.network.Networks;
import io.openneg.negservice.inventory.resource.Refusals;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an instance's network interfaces must be, and what they are where the client leaves it open.
 * Pure; one object per instance.
 */
final class InterfaceRules {
  static final int MAX_INTERFACES = 8;
  static final int MAX_ALIASES = 100;

  /** The first address is the range's own, the second its gateway (compute v1). */
  private static final int FIRST_CHOSEN = 2;

  private final Surroundings around;
  private final Optional<Instance> current;
  private final List<Taken> taken;

  private InterfaceRules(Surroundings around, Optional<Instance> current) {
    this.around = around;
    this.current = current;
    this.taken = new ArrayList<>(around.taken());
  }

  /**
   * The instance with every network, subnetwork and address filled in.
   *
   * @param current the instance as it is; empty: it is to be created
   * @throws RejectedException when one of them cannot be
   */
  static Instance complete(Instance wanted, Optional<Instance> current, Surroundings around) {
    InterfaceRules rules = new InterfaceRules(around, current);
    int count = wanted.getNetworkInterfacesCount();
    if (count < 1 || count > MAX_INTERFACES) {
      throw invalid(
          "instance.network_interfaces",
          "must have 1..%d items, has %d".formatted(MAX_INTERFACES, count));
    }
    Instance.Builder complete = wanted.toBuilder().clearNetworkInterfaces();
    Set<String> networks = new HashSet<>();
    for (int i = 0; i < count; i++) {
      String field = "instance.network_interfaces[" + i + "]";
      NetworkInterface nic = rules.complete(wanted.getNetworkInterfaces(i), field);
      if (!networks.add(nic.getNetwork())) {
        throw invalid(
            field + ".network",
            "repeats '%s': one interface a network".formatted(nic.getNetwork()));
      }
      complete.addNetworkInterfaces(nic.toBuilder().setName("nic" + i));
    }
    return complete.build();
  }

  private NetworkInterface complete(NetworkInterface wanted, String field) {
    Subnetwork subnetwork = subnetwork(wanted, field);
    NetworkInterface.Builder nic =
        NetworkInterface.newBuilder()
            .setNetwork(subnetwork.getNetwork())
            .setSubnetwork(subnetwork.getName());
    int aliases = wanted.getAliasIpRangesCount();
    if (aliases > MAX_ALIASES) {
      throw invalid(
          field + ".alias_ip_ranges",
          "must have at most %d items, has %d".formatted(MAX_ALIASES, aliases));
    }
    // What is said comes before what is chosen, so that no choice takes what is said further on.
    Ipv4Range primary =
        wanted.getNetworkIp().isEmpty() ? null : said(wanted, subnetwork, field + ".network_ip");
    List<AliasIpRange> said = new ArrayList<>(wanted.getAliasIpRangesList());
    for (int i = 0; i < aliases; i++) {
      AliasIpRange alias = said.get(i);
      if (!alias.getIpCidrRange().startsWith("/")) {
        String aliasField = field + ".alias_ip_ranges[" + i + "]";
        Ipv4Range range = said(alias, subnetwork, aliasField);
        said.set(i, alias.toBuilder().setIpCidrRange(range.toString()).build());
      }
    }
    if (primary == null) {
      primary = kept(subnetwork).orElseGet(() -> chosen(subnetwork, field + ".network_ip"));
    }
    nic.setNetworkIp(primary.first().toString());
    for (int i = 0; i < aliases; i++) {
      AliasIpRange alias = said.get(i);
      String aliasField = field + ".alias_ip_ranges[" + i + "]";
      nic.addAliasIpRanges(
          alias.getIpCidrRange().startsWith("/")
              ? alias.toBuilder()
                  .setIpCidrRange(chosen(alias, subnetwork, aliasField).toString())
                  .build()
              : alias);
    }
    return nic.build();
  }

  private Subnetwork subnetwork(NetworkInterface wanted, String field) {
    if (wanted.getSubnetwork().isEmpty()) {
      return automatic(wanted, field);
    }
    Subnetwork subnetwork = around.subnetworks().get(wanted.getSubnetwork());
    if (subnetwork == null) {
      throw new RejectedException(Refusals.missing(field + ".subnetwork", wanted.getSubnetwork()));
    }
    String parent = "projects/%s/regions/%s/".formatted(around.project(), around.region());
    if (!subnetwork.getName().startsWith(parent)) {
      throw invalid(
          field + ".subnetwork", "must be in the region of the zone: '%s'…".formatted(parent));
    }
    if (!wanted.getNetwork().isEmpty() && !wanted.getNetwork().equals(subnetwork.getNetwork())) {
      throw invalid(
          field + ".network",
          "must be absent or that of the subnetwork, '%s'".formatted(subnetwork.getNetwork()));
    }
    return subnetwork;
  }

  private Subnetwork automatic(NetworkInterface wanted, String field) {
    String name =
        wanted.getNetwork().isEmpty() ? Networks.defaultOf(around.project()) : wanted.getNetwork();
    Network network = around.networks().get(name);
    if (network == null) {
      throw new RejectedException(Refusals.missing(field + ".network", name));
    }
    if (!Networks.takesEndpoints(network)) {
      throw new RejectedException(
          Refusals.precondition(
              "LEGACY_NETWORK",
              field + ".network",
              "names a legacy network, '%s'".formatted(name)));
    }
    return around.subnetworks().values().stream()
        .filter(
            s ->
                s.getAutomatic()
                    && s.getNetwork().equals(name)
                    && s.getName().contains("/regions/" + around.region() + "/"))
        .findFirst()
        .orElseThrow(
            () ->
                invalid(
                    field + ".subnetwork",
                    "must be given: '%s' has no automatic subnetwork in %s"
                        .formatted(name, around.region())));
  }

  private Ipv4Range said(NetworkInterface wanted, Subnetwork subnetwork, String field) {
    Ipv4Range range =
        Ipv4Address.parse(wanted.getNetworkIp())
            .map(Ipv4Range::of)
            .orElseThrow(() -> invalid(field, "must be an IPv4 address such as 10.0.0.5"));
    return take(range, primary(subnetwork), subnetwork, field);
  }

  private Ipv4Range said(AliasIpRange alias, Subnetwork subnetwork, String field) {
    String text = alias.getIpCidrRange();
    Ipv4Range range =
        Ipv4Range.parse(text)
            .or(() -> Ipv4Address.parse(text).map(Ipv4Range::of))
            .orElseThrow(
                () ->
                    invalid(
                        field + ".ip_cidr_range",
                        "must be an IPv4 range such as 10.1.0.0/24, an address, or a length such"
                            + " as /24"));
    return take(range, within(alias, subnetwork, field), subnetwork, field + ".ip_cidr_range");
  }

  private Ipv4Range take(Ipv4Range range, Ipv4Range within, Subnetwork subnetwork, String field) {
    if (!within.contains(range)) {
      throw invalid(
          field, "must be within %s of '%s', is %s".formatted(within, subnetwork.getName(), range));
    }
    for (Taken other : taken) {
      if (other.network().equals(subnetwork.getNetwork()) && other.range().overlaps(range)) {
        throw new RejectedException(
            Refusals.precondition(
                "ADDRESS_IN_USE",
                field,
                "%s overlaps %s of %s"
                    .formatted(
                        range,
                        other.range(),
                        other.instance().isEmpty() ? "the same instance" : other.instance())));
      }
    }
    taken.add(new Taken(subnetwork.getNetwork(), range, ""));
    return range;
  }

  /** The address that the instance has in the subnetwork already, if it still can have it. */
  private Optional<Ipv4Range> kept(Subnetwork subnetwork) {
    return current
        .flatMap(
            instance ->
                instance.getNetworkInterfacesList().stream()
                    .filter(nic -> nic.getSubnetwork().equals(subnetwork.getName()))
                    .findFirst())
        .flatMap(nic -> Ipv4Address.parse(nic.getNetworkIp()))
        .map(Ipv4Range::of)
        .filter(range -> taken.stream().noneMatch(t -> isTaken(t, subnetwork, range)))
        .map(
            range -> {
              taken.add(new Taken(subnetwork.getNetwork(), range, ""));
              return range;
            });
  }

  private static boolean isTaken(Taken other, Subnetwork subnetwork, Ipv4Range range) {
    return other.network().equals(subnetwork.getNetwork()) && other.range().overlaps(range);
  }

  private Ipv4Range chosen(Subnetwork subnetwork, String field) {
    Ipv4Range within = primary(subnetwork);
    return choose(within, within.first().plus(FIRST_CHOSEN), 32, subnetwork, field);
  }

  private Ipv4Range chosen(AliasIpRange alias, Subnetwork subnetwork, String field) {
    Ipv4Range within = within(alias, subnetwork, field);
    String text = alias.getIpCidrRange();
    if (!text.matches("/([0-9]|[12][0-9]|3[0-2])")
        || Integer.parseInt(text.substring(1)) < within.length()) {
      throw invalid(
          field + ".ip_cidr_range",
          "must have a length of %d..32, is '%s'".formatted(within.length(), text));
    }
    Ipv4Address from =
        alias.getSubnetworkRangeName().isEmpty()
            ? within.first().plus(FIRST_CHOSEN)
            : within.first();
    return choose(
        within, from, Integer.parseInt(text.substring(1)), subnetwork, field + ".ip_cidr_range");
  }

  /** The lowest free range of a length; behind each that is in the way the search goes on. */
  private Ipv4Range choose(
      Ipv4Range within, Ipv4Address from, int length, Subnetwork subnetwork, String field) {
    List<Ipv4Range> inTheWay =
        taken.stream()
            .filter(t -> t.network().equals(subnetwork.getNetwork()))
            .map(Taken::range)
            .filter(within::overlaps)
            .sorted()
            .toList();
    long size = 1L << (32 - length);
    long base = Integer.toUnsignedLong(within.first().bits());
    long end = base + within.size();
    long candidate = aligned(Integer.toUnsignedLong(from.bits()), size);
    for (Ipv4Range other : inTheWay) {
      long first = Integer.toUnsignedLong(other.first().bits());
      long behind = first + other.size();
      if (candidate < behind && first < candidate + size) {
        candidate = aligned(behind, size);
      }
    }
    // The last address of a primary range is for broadcasts.
    boolean broadcast = length == 32 && candidate == end - 1;
    if (candidate + size > end || broadcast) {
      throw new RejectedException(
          Refusals.precondition(
              "RANGE_EXHAUSTED",
              field,
              "must be given: no /%d is free in %s of '%s'"
                  .formatted(length, within, subnetwork.getName())));
    }
    Ipv4Range chosen = new Ipv4Range(new Ipv4Address((int) candidate), length);
    taken.add(new Taken(subnetwork.getNetwork(), chosen, ""));
    return chosen;
  }

  private static long aligned(long address, long size) {
    return (address + size - 1) / size * size;
  }

  private static Ipv4Range primary(Subnetwork subnetwork) {
    return Ipv4Range.parse(subnetwork.getIpCidrRange()).orElseThrow();
  }

  private static Ipv4Range within(AliasIpRange alias, Subnetwork subnetwork, String field) {
    String name = alias.getSubnetworkRangeName();
    if (name.isEmpty()) {
      return primary(subnetwork);
    }
    return subnetwork.getSecondaryIpRangesList().stream()
        .filter(range -> range.getRangeName().equals(name))
        .findFirst()
        .map(SecondaryRange::getIpCidrRange)
        .flatMap(Ipv4Range::parse)
        .orElseThrow(
            () ->
                invalid(
                    field + ".subnetwork_range_name",
                    "names '%s', which is not a secondary range of '%s'"
                        .formatted(name, subnetwork.getName())));
  }

  private static RejectedException invalid(String field, String rule) {
    return new RejectedException(Refusals.invalid(field, rule));
  }
}
