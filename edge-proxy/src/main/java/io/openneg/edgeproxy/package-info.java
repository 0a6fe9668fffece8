/** A small HTTP proxy that is told by xDS alone what to do, so that Envoy can take its place. */
@NullMarked
package io.openneg.edgeproxy;

import org.jspecify.annotations.NullMarked;
