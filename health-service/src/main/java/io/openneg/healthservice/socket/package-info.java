/** TCP connections of Linux with as few calls of the kernel as they can be made with. */
@NullMarked
package io.openneg.healthservice.socket;

import org.jspecify.annotations.NullMarked;
