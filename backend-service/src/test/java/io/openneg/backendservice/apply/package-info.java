/** Tests of configurations. */
@NullMarked
package io.openneg.backendservice.apply;

import org.jspecify.annotations.NullMarked;
