/** The demo: the main job with real traffic, shown and checked. */
@NullMarked
package io.openneg.local.demo;

import org.jspecify.annotations.NullMarked;
