/** {@code openneg apply}: load balancers from a file. */
@NullMarked
package io.openneg.local.apply;

import org.jspecify.annotations.NullMarked;
