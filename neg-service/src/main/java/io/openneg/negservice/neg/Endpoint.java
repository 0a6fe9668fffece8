package io.openneg.negservice.neg;

import io.openneg.serviceruntime.address.Ipv4Range;
import java.util.Map;
import java.util.Optional;

/**
 * A network endpoint as it is attached.
 *
 * @param instance name of the VM; empty when the group's type has none
 * @param range the instance's own range that has the address; empty without an instance, and in
 *     endpoints from before instances were known
 */
public record Endpoint(
    String instance,
    EndpointAddress address,
    Map<String, String> annotations,
    Optional<Ipv4Range> range) {
  public Endpoint {
    annotations = Annotations.ordered(annotations);
  }

  /** An endpoint whose address is of no known instance. */
  public Endpoint(String instance, EndpointAddress address, Map<String, String> annotations) {
    this(instance, address, annotations, Optional.empty());
  }
}
