/** Tests of the benchmark's arithmetic. */
@NullMarked
package io.openneg.local.bench;

import org.jspecify.annotations.NullMarked;
