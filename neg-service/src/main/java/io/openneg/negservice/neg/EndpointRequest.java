package io.openneg.negservice.neg;

import java.util.Map;
import java.util.OptionalInt;

/**
 * An endpoint as a caller names it, not checked yet.
 *
 * @param instance empty: none
 * @param ipAddress empty: none
 * @param port empty: the group's default port
 */
public record EndpointRequest(
    String instance, String ipAddress, OptionalInt port, Map<String, String> annotations) {}
