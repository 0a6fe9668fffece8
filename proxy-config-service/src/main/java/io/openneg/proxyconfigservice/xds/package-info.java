/** From the routing table to xDS resources. Pure. */
@NullMarked
package io.openneg.proxyconfigservice.xds;

import org.jspecify.annotations.NullMarked;
