/** Tests of what is answered. */
@NullMarked
package io.openneg.healthservice.api;

import org.jspecify.annotations.NullMarked;
