/** The routing table: everything the proxies' configuration follows from, as a value. Pure. */
@NullMarked
package io.openneg.proxyconfigservice.routing;

import org.jspecify.annotations.NullMarked;
