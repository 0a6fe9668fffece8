/** Unmanaged instance groups: their members and the names of their ports. */
@NullMarked
package io.openneg.negservice.inventory.instancegroup;

import org.jspecify.annotations.NullMarked;
