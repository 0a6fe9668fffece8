/** The benchmarks: how long changes take, beside what the machine allows. */
@NullMarked
package io.openneg.local.bench;

import org.jspecify.annotations.NullMarked;
