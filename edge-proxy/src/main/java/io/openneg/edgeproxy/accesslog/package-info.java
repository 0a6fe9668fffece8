/** Lines about requests and connections, for those who asked for them. */
@NullMarked
package io.openneg.edgeproxy.accesslog;

import org.jspecify.annotations.NullMarked;
