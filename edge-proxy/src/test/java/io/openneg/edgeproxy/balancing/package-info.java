@NullMarked
package io.openneg.edgeproxy.balancing;

import org.jspecify.annotations.NullMarked;
