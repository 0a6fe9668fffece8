package io.openneg.edgeproxy.routing;

/** One route of a virtual host; the first one whose rule matches is taken. */
public record Route(PathRule rule, RouteAction action) {}
