/** How traffic is distributed and routed. */
@NullMarked
package io.openneg.backendservice;

import org.jspecify.annotations.NullMarked;
