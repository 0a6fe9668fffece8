package io.openneg.serviceruntime.catalogue;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.address.Ipv4Range;
import io.openneg.serviceruntime.api.ResourceName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The regions and zones there are; what an operator says once for all projects. Immutable.
 *
 * <p>Written as {@code region range: zone zone; region range: zone}, such as {@code lab
 * 10.128.240.0/20: lab-a lab-b}. The range is that of the subnetwork which auto-mode networks have
 * in the region.
 */
public final class Catalogue {
  /** Where the automatic subnetworks are (compute v1). */
  public static final Ipv4Range AUTOMATIC =
      Ipv4Range.parse("10.128.0.0/9").orElseThrow(IllegalStateException::new);

  private static final Pattern ID = Pattern.compile("[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?");

  /**
   * @param name such as {@code us-central1}
   * @param range of its automatic subnetworks
   */
  public record Region(String name, Ipv4Range range) {}

  private final List<Region> regions;
  private final Map<String, Region> regionOfZone;

  private Catalogue(List<Region> regions, Map<String, Region> regionOfZone) {
    this.regions = List.copyOf(regions);
    this.regionOfZone = Map.copyOf(regionOfZone);
  }

  /**
   * @throws IllegalArgumentException when it is not written so, a name or a range comes twice, or a
   *     range is not within {@link #AUTOMATIC}; the message names the fault
   */
  public static Catalogue parse(String text) {
    List<Region> regions = new ArrayList<>();
    Map<String, Region> regionOfZone = new LinkedHashMap<>();
    for (String entry : text.split(";", -1)) {
      if (entry.isBlank()) {
        continue;
      }
      List<String> words = Arrays.asList(entry.replace(":", " : ").strip().split("\\s+", -1));
      if (words.size() < 4 || !words.get(2).equals(":") || !isId(words.get(0))) {
        throw fault("'%s' is not 'region range: zone zone'".formatted(entry.strip()));
      }
      Region region = new Region(words.get(0), range(words.get(1)));
      for (Region other : regions) {
        if (other.name().equals(region.name()) || other.range().overlaps(region.range())) {
          throw fault("%s and %s exclude each other".formatted(other, region));
        }
      }
      regions.add(region);
      for (String zone : words.subList(3, words.size())) {
        if (!isId(zone) || regionOfZone.putIfAbsent(zone, region) != null) {
          throw fault("'%s' is not the name of a zone, or comes twice".formatted(zone));
        }
      }
    }
    if (regions.isEmpty()) {
      throw fault("there is no region");
    }
    return new Catalogue(regions, regionOfZone);
  }

  private static Ipv4Range range(String text) {
    return Ipv4Range.parse(text)
        .filter(range -> AUTOMATIC.contains(range) && range.length() <= 29)
        .orElseThrow(
            () -> fault("'%s' is not a range within %s, /29 or larger".formatted(text, AUTOMATIC)));
  }

  private static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  private static IllegalArgumentException fault(String fault) {
    return new IllegalArgumentException("OPENNEG_ZONES: " + fault);
  }

  /** In the order they are written in. */
  public List<Region> regions() {
    return regions;
  }

  /** The region a zone is in; empty: there is no such zone. */
  public Optional<Region> regionOf(String zone) {
    return Optional.ofNullable(regionOfZone.get(zone));
  }

  /**
   * The region of the zone that a zonal resource is to be in.
   *
   * @param name of the resource
   * @throws RejectedException INVALID_ARGUMENT when there is no such zone
   */
  public Region regionOfZoneIn(ResourceName name) {
    String zone = name.scope().substring("zones/".length());
    return regionOf(zone)
        .orElseThrow(() -> unknown("zone", zone, regionOfZone.keySet().stream().sorted().toList()));
  }

  /**
   * @param name of the resource that is to be; only a regional one is in a region
   * @throws RejectedException INVALID_ARGUMENT when there is no such region
   */
  public void checkRegionIn(ResourceName name) {
    if (!name.scope().startsWith("regions/")) {
      return;
    }
    String region = name.scope().substring("regions/".length());
    if (regions.stream().noneMatch(r -> r.name().equals(region))) {
      throw unknown("region", region, regions.stream().map(Region::name).toList());
    }
  }

  private static RejectedException unknown(String kind, String name, List<String> known) {
    String rule =
        "names the %s '%s', which is not one of %s".formatted(kind, name, String.join(", ", known));
    return new RejectedException(
        new Rejection(
            Kind.INVALID_ARGUMENT,
            "INVALID_ARGUMENT",
            "Invalid value for field 'parent': it %s.".formatted(rule),
            List.of(new Violation("parent", rule))));
  }
}
