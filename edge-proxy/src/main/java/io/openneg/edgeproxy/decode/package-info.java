/**
 * From xDS' protobufs to configuration, or to the reason why not. Pure. Strict on purpose: what
 * this proxy cannot do as Envoy would is refused, never overlooked.
 */
@NullMarked
package io.openneg.edgeproxy.decode;

import org.jspecify.annotations.NullMarked;
