package io.openneg.proxyconfigservice.xds;

import io.envoyproxy.envoy.config.core.v3.Locality;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of {@code projects/{project}/zones/{zone}/networkEndpointGroups/{id}}, or of an
 * instance group's name. No backend service has groups of both kinds.
 */
public record NegName(String project, String zone, String id) {
  private static final Pattern NAME =
      Pattern.compile(
          "projects/([^/|]+)/zones/([^/|]+)/(?:networkEndpointGroups|instanceGroups)/([^/|]+)");

  /** Empty when it is not the name of a group. */
  public static Optional<NegName> parse(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? Optional.of(new NegName(matcher.group(1), matcher.group(2), matcher.group(3)))
        : Optional.empty();
  }

  /** A zone's name without its last part: {@code europe-west1-b} is in {@code europe-west1}. */
  public String region() {
    int dash = zone.lastIndexOf('-');
    return dash < 0 ? zone : zone.substring(0, dash);
  }

  /**
   * Where the group is; it is the sub-zone, so that its endpoints have a weight of their own.
   *
   * @param withProject tells apart groups of several projects with the same id
   */
  Locality locality(boolean withProject) {
    return Locality.newBuilder()
        .setRegion(region())
        .setZone(zone)
        .setSubZone(withProject ? project + "/" + id : id)
        .build();
  }
}
