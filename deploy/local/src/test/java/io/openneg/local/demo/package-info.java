/** Tests of what the demo is told with. */
@NullMarked
package io.openneg.local.demo;

import org.jspecify.annotations.NullMarked;
