@NullMarked
package io.openneg.edgeproxy.warming;

import org.jspecify.annotations.NullMarked;
