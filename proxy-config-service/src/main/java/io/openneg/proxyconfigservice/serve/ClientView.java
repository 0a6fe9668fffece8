package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.List;

/** A client and what it has, in order of types and names. Immutable. */
record ClientView(Node node, List<ResourceState> resources) {}
