/** The API: what is known of endpoints' health, from the tables and the log, and single probes. */
@NullMarked
package io.openneg.healthservice.api;

import org.jspecify.annotations.NullMarked;
