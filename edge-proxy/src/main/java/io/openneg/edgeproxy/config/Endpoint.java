package io.openneg.edgeproxy.config;

/** An endpoint in an assignment, with the health it is said to have. */
public record Endpoint(IpPort address, Health health) {}
