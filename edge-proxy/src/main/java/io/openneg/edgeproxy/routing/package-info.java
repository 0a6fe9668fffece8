/** Which route a request takes: pure matching, as Envoy's route table does it. */
@NullMarked
package io.openneg.edgeproxy.routing;

import org.jspecify.annotations.NullMarked;
