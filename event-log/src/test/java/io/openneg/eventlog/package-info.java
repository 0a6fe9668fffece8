/** The hazards of an event log, each with the test that excludes it. */
@NullMarked
package io.openneg.eventlog;

import org.jspecify.annotations.NullMarked;
