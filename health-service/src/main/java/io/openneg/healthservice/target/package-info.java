/** Who is probed, and with what: the join of groups' endpoints, backend services and checks. */
@NullMarked
package io.openneg.healthservice.target;

import org.jspecify.annotations.NullMarked;
