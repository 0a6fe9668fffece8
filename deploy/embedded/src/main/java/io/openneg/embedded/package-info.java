/**
 * A real PostgreSQL and a real Kafka as child processes, with nothing installed but a JDK: for
 * tests and for the runtime without containers.
 */
@NullMarked
package io.openneg.embedded;

import org.jspecify.annotations.NullMarked;
