/** Tests of the way from events to rows. */
@NullMarked
package io.openneg.proxyconfigservice.ingest;

import org.jspecify.annotations.NullMarked;
