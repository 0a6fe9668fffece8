package io.openneg.negservice.inventory.network;

import io.openneg.eventlog.Rejection;
import io.openneg.neg.v1.SecondaryRange;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.negservice.inventory.resource.Contents;
import io.openneg.negservice.inventory.resource.Refusals;
import io.openneg.serviceruntime.address.Ipv4Range;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What the ranges of a subnetwork must be. Pure. */
final class SubnetworkRules {
  private static final int MAX_SECONDARY = 30;
  private static final int LARGEST = 8;
  private static final int SMALLEST = 29;
  private static final Pattern RANGE_NAME = Pattern.compile("[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?");

  private SubnetworkRules() {}

  /** The faults that a subnetwork has by itself. */
  static Optional<Rejection> fault(Subnetwork wanted, boolean lab) {
    Violations violations = new Violations();
    Contents.checkDescription(wanted.getDescription(), "subnetwork.description", violations);
    checkRange(wanted.getIpCidrRange(), "subnetwork.ip_cidr_range", lab, violations);
    int count = wanted.getSecondaryIpRangesCount();
    violations.check(
        count <= MAX_SECONDARY,
        "subnetwork.secondary_ip_ranges",
        "must have at most %d items, has %d".formatted(MAX_SECONDARY, count));
    Set<String> names = new HashSet<>();
    for (int i = 0; i < count; i++) {
      SecondaryRange range = wanted.getSecondaryIpRanges(i);
      String field = "subnetwork.secondary_ip_ranges[" + i + "]";
      checkRange(range.getIpCidrRange(), field + ".ip_cidr_range", lab, violations);
      violations.check(
          RANGE_NAME.matcher(range.getRangeName()).matches(),
          field + ".range_name",
          "must be 1-63 characters: a lower-case letter first, then lower-case letters, digits and"
              + " hyphens, no hyphen last");
      violations.check(
          names.add(range.getRangeName()),
          field + ".range_name",
          "repeats '%s'".formatted(range.getRangeName()));
    }
    return violations.rejection();
  }

  static void checkRange(String text, String field, boolean lab, Violations violations) {
    Optional<Ipv4Range> range = Ipv4Range.parse(text);
    if (violations.check(
        range.isPresent(), field, "must be an IPv4 range such as 10.0.0.0/24, no bit set behind")) {
      Ipv4Range known = range.orElseThrow();
      violations.check(
          known.isPrivate() || (lab && known.isLoopback()),
          field,
          lab
              ? "must be private (RFC 1918) or loopback"
              : "must be private: within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
      violations.range(known.length(), LARGEST, SMALLEST, field + " length");
    }
  }

  /** All ranges of a well-formed subnetwork, by the field each stands in. */
  static Map<String, Ipv4Range> ranges(Subnetwork subnetwork) {
    Map<String, Ipv4Range> ranges = new LinkedHashMap<>();
    ranges.put("subnetwork.ip_cidr_range", range(subnetwork.getIpCidrRange()));
    for (int i = 0; i < subnetwork.getSecondaryIpRangesCount(); i++) {
      ranges.put(
          "subnetwork.secondary_ip_ranges[" + i + "].ip_cidr_range",
          range(subnetwork.getSecondaryIpRanges(i).getIpCidrRange()));
    }
    return ranges;
  }

  static Ipv4Range range(String known) {
    return Ipv4Range.parse(known).orElseThrow(IllegalArgumentException::new);
  }

  /**
   * @param auto whether the network is in auto mode, and so keeps a range for subnetworks to come
   */
  static Optional<Rejection> overlap(
      Subnetwork wanted, Collection<Subnetwork> others, boolean auto) {
    Map<String, Ipv4Range> mine = ranges(wanted);
    Map<Ipv4Range, String> seen = new LinkedHashMap<>();
    for (Map.Entry<String, Ipv4Range> entry : mine.entrySet()) {
      Ipv4Range range = entry.getValue();
      for (Subnetwork other : others) {
        for (Ipv4Range taken : ranges(other).values()) {
          if (taken.overlaps(range)) {
            return overlaps(entry.getKey(), range, taken + " of " + other.getName());
          }
        }
      }
      for (Map.Entry<Ipv4Range, String> own : seen.entrySet()) {
        if (own.getKey().overlaps(range)) {
          return overlaps(entry.getKey(), range, own.getKey() + " of " + own.getValue());
        }
      }
      if (auto && !wanted.getAutomatic() && Catalogue.AUTOMATIC.overlaps(range)) {
        return overlaps(
            entry.getKey(), range, Catalogue.AUTOMATIC + ", which auto mode keeps for itself");
      }
      seen.put(range, entry.getKey());
    }
    return Optional.empty();
  }

  private static Optional<Rejection> overlaps(String field, Ipv4Range range, String with) {
    return Optional.of(
        Refusals.precondition("RANGE_OVERLAPS", field, "%s overlaps %s".formatted(range, with)));
  }
}
