@NullMarked
package io.openneg.edgeproxy.xds;

import org.jspecify.annotations.NullMarked;
