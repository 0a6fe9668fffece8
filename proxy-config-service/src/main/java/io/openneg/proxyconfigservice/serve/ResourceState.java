package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsType;
import org.jspecify.annotations.Nullable;

/**
 * What a client has of one resource. Immutable.
 *
 * @param held as the client has acknowledged it; null: it has none
 * @param expected as it is to have it; null: there is none
 * @param refusal why it does not take that, or null
 */
record ResourceState(
    XdsType type,
    String name,
    Progress progress,
    @Nullable XdsResource held,
    @Nullable XdsResource expected,
    Subscription.@Nullable Parked refusal) {

  /** How far the client is with what it is to have. */
  enum Progress {
    HAD,
    NOT_ACKNOWLEDGED,
    NOT_SENT,
    REFUSED
  }
}
