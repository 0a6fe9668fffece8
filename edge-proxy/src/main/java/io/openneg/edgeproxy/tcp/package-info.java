/** Connections that are forwarded as they are, from the socket to an endpoint. */
@NullMarked
package io.openneg.edgeproxy.tcp;

import org.jspecify.annotations.NullMarked;
