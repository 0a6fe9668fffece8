/** What the resources of the inventory share: their events, tables, checks and refusals. */
@NullMarked
package io.openneg.negservice.inventory.resource;

import org.jspecify.annotations.NullMarked;
