/** From events to rows of the routing table. */
@NullMarked
package io.openneg.proxyconfigservice.ingest;

import org.jspecify.annotations.NullMarked;
