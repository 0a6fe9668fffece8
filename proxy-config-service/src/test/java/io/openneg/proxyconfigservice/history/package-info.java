/** Tests of the history of the routing table. */
@NullMarked
package io.openneg.proxyconfigservice.history;

import org.jspecify.annotations.NullMarked;
