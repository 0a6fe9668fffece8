/** IP addresses that are kept for forwarding rules, and the pools they come from. */
@NullMarked
package io.openneg.backendservice.address;

import org.jspecify.annotations.NullMarked;
