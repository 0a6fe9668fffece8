/** How replicas share the targets: each is of one shard, and each shard of one replica. */
@NullMarked
package io.openneg.healthservice.shard;

import org.jspecify.annotations.NullMarked;
