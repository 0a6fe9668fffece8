/** The routing table over time, in PostgreSQL: writing, reading as of a revision, following. */
@NullMarked
package io.openneg.proxyconfigservice.history;

import org.jspecify.annotations.NullMarked;
