/** Forwarding rules: where the proxies listen. */
@NullMarked
package io.openneg.backendservice.forwardingrule;

import org.jspecify.annotations.NullMarked;
