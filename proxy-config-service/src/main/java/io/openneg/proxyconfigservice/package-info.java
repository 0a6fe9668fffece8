/** Puts the service together: its parts, its queries, its readiness. */
@NullMarked
package io.openneg.proxyconfigservice;

import org.jspecify.annotations.NullMarked;
