/** The addresses that are listened on, whatever is spoken there. */
@NullMarked
package io.openneg.edgeproxy.listening;

import org.jspecify.annotations.NullMarked;
