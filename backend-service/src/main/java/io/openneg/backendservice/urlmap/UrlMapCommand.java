package io.openneg.backendservice.urlmap;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.resource.Facts;

/** What may be asked of a URL map. */
public sealed interface UrlMapCommand {
  String name();

  /**
   * @param wanted as the client sent it; name, id and time are the command's
   */
  record Create(String name, long id, Timestamp now, UrlMap wanted, Facts facts)
      implements UrlMapCommand {}

  record Update(String name, UrlMap wanted, Facts facts) implements UrlMapCommand {}

  record Delete(String name, Facts facts) implements UrlMapCommand {}
}
