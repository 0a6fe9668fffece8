/** The commands of the script {@code openneg}. */
@NullMarked
package io.openneg.local;

import org.jspecify.annotations.NullMarked;
