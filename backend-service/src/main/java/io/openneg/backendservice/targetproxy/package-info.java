/** Target proxies: the URL map, or the one backend service, behind forwarding rules. */
@NullMarked
package io.openneg.backendservice.targetproxy;

import org.jspecify.annotations.NullMarked;
