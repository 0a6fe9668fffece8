/** Tests of the translation to xDS. */
@NullMarked
package io.openneg.proxyconfigservice.xds;

import org.jspecify.annotations.NullMarked;
