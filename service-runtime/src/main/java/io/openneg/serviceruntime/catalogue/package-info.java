/** The regions and zones there are. */
@NullMarked
package io.openneg.serviceruntime.catalogue;

import org.jspecify.annotations.NullMarked;
