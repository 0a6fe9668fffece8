/**
 * The event-sourcing core: streams of events in PostgreSQL, commands decided against them, a relay
 * that tells Kafka, projectors that turn topics into tables. Knows no domain and no framework.
 */
@NullMarked
package io.openneg.eventlog;

import org.jspecify.annotations.NullMarked;
