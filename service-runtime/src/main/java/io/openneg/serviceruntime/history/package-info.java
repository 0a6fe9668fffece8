/** What happened to a resource, for whoever may ask: the service {@code Events}. */
@NullMarked
package io.openneg.serviceruntime.history;

import org.jspecify.annotations.NullMarked;
