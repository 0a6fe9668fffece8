/**
 * What was accepted from the control plane, and what of it is complete enough to be served. Pure.
 */
@NullMarked
package io.openneg.edgeproxy.warming;

import org.jspecify.annotations.NullMarked;
