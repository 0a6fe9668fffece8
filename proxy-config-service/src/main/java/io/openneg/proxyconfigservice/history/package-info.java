/**
 * The API: the routing table as of any revision, who changed it, and what the proxies have of it.
 */
@NullMarked
package io.openneg.proxyconfigservice.history;

import org.jspecify.annotations.NullMarked;
