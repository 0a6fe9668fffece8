/** Instances: the machines that endpoints live on, and their addresses. */
@NullMarked
package io.openneg.negservice.inventory.instance;

import org.jspecify.annotations.NullMarked;
