package io.openneg.negservice.neg;

import java.util.Map;

/**
 * A network endpoint as it is attached.
 *
 * @param instance name of the VM; empty when the group's type has none
 */
public record Endpoint(String instance, EndpointAddress address, Map<String, String> annotations) {
  public Endpoint {
    annotations = Annotations.ordered(annotations);
  }
}
