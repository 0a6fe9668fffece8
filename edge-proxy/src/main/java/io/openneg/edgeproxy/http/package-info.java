/** The data plane: listeners, and the way of a request through this proxy. */
@NullMarked
package io.openneg.edgeproxy.http;

import org.jspecify.annotations.NullMarked;
