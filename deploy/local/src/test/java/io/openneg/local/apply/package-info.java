/** Tests of applying files. */
@NullMarked
package io.openneg.local.apply;

import org.jspecify.annotations.NullMarked;
