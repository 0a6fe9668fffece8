/** IPv4 addresses and ranges of them. Pure. */
@NullMarked
package io.openneg.serviceruntime.address;

import org.jspecify.annotations.NullMarked;
