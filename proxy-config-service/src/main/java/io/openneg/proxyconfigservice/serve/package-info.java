/** The ADS server: the xDS protocol, stream by stream. */
@NullMarked
package io.openneg.proxyconfigservice.serve;

import org.jspecify.annotations.NullMarked;
