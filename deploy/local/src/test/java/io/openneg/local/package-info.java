/** Tests of the commands and of the script. */
@NullMarked
package io.openneg.local;

import org.jspecify.annotations.NullMarked;
