/** The service {@code Events} on a real event table. */
@NullMarked
package io.openneg.serviceruntime.history;

import org.jspecify.annotations.NullMarked;
