@NullMarked
package io.openneg.edgeproxy.decode;

import org.jspecify.annotations.NullMarked;
