@NullMarked
package io.openneg.edgeproxy.routing;

import org.jspecify.annotations.NullMarked;
