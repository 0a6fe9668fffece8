/**
 * Networks and the subnetworks in them: one stream a network, so that no two of its ranges race.
 */
@NullMarked
package io.openneg.negservice.inventory.network;

import org.jspecify.annotations.NullMarked;
