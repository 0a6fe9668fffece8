/** Tests of the ADS server, protocol rule by protocol rule. */
@NullMarked
package io.openneg.proxyconfigservice.serve;

import org.jspecify.annotations.NullMarked;
