/** Target HTTP proxies: the URL map behind forwarding rules. */
@NullMarked
package io.openneg.backendservice.targetproxy;

import org.jspecify.annotations.NullMarked;
