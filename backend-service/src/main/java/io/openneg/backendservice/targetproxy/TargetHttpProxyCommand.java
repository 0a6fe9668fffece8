package io.openneg.backendservice.targetproxy;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backendservice.resource.Facts;

/** What may be asked of a target HTTP proxy. */
public sealed interface TargetHttpProxyCommand {
  String name();

  /**
   * @param wanted as the client sent it; name, id and time are the command's
   */
  record Create(String name, long id, Timestamp now, TargetHttpProxy wanted, Facts facts)
      implements TargetHttpProxyCommand {}

  record SetUrlMap(String name, String urlMap, Facts facts) implements TargetHttpProxyCommand {}

  record Delete(String name, Facts facts) implements TargetHttpProxyCommand {}
}
