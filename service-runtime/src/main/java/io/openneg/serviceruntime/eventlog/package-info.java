/** The event log in a Quarkus process: data sources, Kafka, start, stop, readiness. */
@NullMarked
package io.openneg.serviceruntime.eventlog;

import org.jspecify.annotations.NullMarked;
