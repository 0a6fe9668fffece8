/** Clients of the running system: the public gRPC API and the edge proxy's admin interface. */
@NullMarked
package io.openneg.local.client;

import org.jspecify.annotations.NullMarked;
