/** {@code openneg containers}: microservices in containers on VMs, as the examples need them. */
@NullMarked
package io.openneg.local.containers;

import org.jspecify.annotations.NullMarked;
