/** What the control plane may ask of this proxy, as immutable values without xDS' protobufs. */
@NullMarked
package io.openneg.edgeproxy.config;

import org.jspecify.annotations.NullMarked;
