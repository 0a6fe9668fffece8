/** Tests of the service as a whole, and what tests of several packages share. */
@NullMarked
package io.openneg.proxyconfigservice;

import org.jspecify.annotations.NullMarked;
