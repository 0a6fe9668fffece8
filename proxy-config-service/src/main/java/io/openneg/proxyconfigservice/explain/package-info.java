/** Answers about what became of a change: whether every proxy has it, and if not, why. */
@NullMarked
package io.openneg.proxyconfigservice.explain;

import org.jspecify.annotations.NullMarked;
