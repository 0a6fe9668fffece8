/** URL maps: which backend service a host and path reach. */
@NullMarked
package io.openneg.backendservice.urlmap;

import org.jspecify.annotations.NullMarked;
