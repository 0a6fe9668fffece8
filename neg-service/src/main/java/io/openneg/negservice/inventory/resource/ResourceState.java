package io.openneg.negservice.inventory.resource;

import com.google.protobuf.Message;
import org.jspecify.annotations.Nullable;

/**
 * The state of a resource's stream: the resource as in events, or nothing before it is created and
 * after it is deleted.
 */
public record ResourceState<M extends Message>(@Nullable M resource) {}
