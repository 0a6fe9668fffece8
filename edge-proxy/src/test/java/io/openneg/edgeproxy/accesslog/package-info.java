@NullMarked
package io.openneg.edgeproxy.accesslog;

import org.jspecify.annotations.NullMarked;
