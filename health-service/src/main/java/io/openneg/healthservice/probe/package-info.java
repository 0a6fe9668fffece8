/** All probing I/O: when a probe starts, what it sends, and how its end is told apart. */
@NullMarked
package io.openneg.healthservice.probe;

import org.jspecify.annotations.NullMarked;
