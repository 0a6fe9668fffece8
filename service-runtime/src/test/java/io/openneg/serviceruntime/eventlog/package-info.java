/** The event log in a running service. */
@NullMarked
package io.openneg.serviceruntime.eventlog;

import org.jspecify.annotations.NullMarked;
