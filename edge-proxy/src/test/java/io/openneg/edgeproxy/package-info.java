@NullMarked
package io.openneg.edgeproxy;

import org.jspecify.annotations.NullMarked;
