/** The regions and zones there are. */
@NullMarked
package io.openneg.negservice.inventory.catalogue;

import org.jspecify.annotations.NullMarked;
