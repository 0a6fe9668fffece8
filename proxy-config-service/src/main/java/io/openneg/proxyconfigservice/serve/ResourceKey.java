package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.XdsType;

/** Which resource. */
public record ResourceKey(XdsType type, String name) {
  @Override
  public String toString() {
    return type.shortName() + " " + name;
  }
}
