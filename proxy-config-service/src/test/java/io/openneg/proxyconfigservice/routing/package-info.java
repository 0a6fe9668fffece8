/** Tests of the routing table. */
@NullMarked
package io.openneg.proxyconfigservice.routing;

import org.jspecify.annotations.NullMarked;
