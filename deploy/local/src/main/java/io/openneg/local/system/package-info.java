/**
 * The whole system as child processes: PostgreSQL, Kafka, the four services and an edge proxy,
 * started in order, watched, and stopped in order. The end-to-end tests use it, too.
 */
@NullMarked
package io.openneg.local.system;

import org.jspecify.annotations.NullMarked;
