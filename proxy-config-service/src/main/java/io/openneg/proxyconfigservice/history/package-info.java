/** The API: the routing table as of any revision, and what the proxies have of it. */
@NullMarked
package io.openneg.proxyconfigservice.history;

import org.jspecify.annotations.NullMarked;
