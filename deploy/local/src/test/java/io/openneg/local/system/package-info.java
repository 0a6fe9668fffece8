/** Tests of starting, watching and stopping, with doubles in place of the services. */
@NullMarked
package io.openneg.local.system;

import org.jspecify.annotations.NullMarked;
