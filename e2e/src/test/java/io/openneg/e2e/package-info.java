/** The whole system as real processes, with real traffic and {@code kill -9}. */
@NullMarked
package io.openneg.e2e;

import org.jspecify.annotations.NullMarked;
