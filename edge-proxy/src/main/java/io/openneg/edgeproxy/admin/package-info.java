/** The admin HTTP server: what this proxy is doing, for people, scripts and tests. */
@NullMarked
package io.openneg.edgeproxy.admin;

import org.jspecify.annotations.NullMarked;
