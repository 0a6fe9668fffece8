@NullMarked
package io.openneg.edgeproxy.http;

import org.jspecify.annotations.NullMarked;
