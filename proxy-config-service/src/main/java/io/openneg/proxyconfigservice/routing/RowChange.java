package io.openneg.proxyconfigservice.routing;

import com.google.protobuf.Message;
import org.jspecify.annotations.Nullable;

/**
 * A row is now this, or is gone.
 *
 * @param content null: the row is gone
 */
public record RowChange(RowKey key, @Nullable Message content) {}
