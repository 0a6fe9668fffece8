/** Tests with the real servers. */
@NullMarked
package io.openneg.embedded;

import org.jspecify.annotations.NullMarked;
