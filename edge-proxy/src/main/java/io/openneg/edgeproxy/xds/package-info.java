/** The xDS client: one ADS stream to the control plane, state of the world. */
@NullMarked
package io.openneg.edgeproxy.xds;

import org.jspecify.annotations.NullMarked;
