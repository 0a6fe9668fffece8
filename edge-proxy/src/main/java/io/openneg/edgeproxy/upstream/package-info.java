/** Clusters at run time: their endpoints, connections and requests in flight. */
@NullMarked
package io.openneg.edgeproxy.upstream;

import org.jspecify.annotations.NullMarked;
