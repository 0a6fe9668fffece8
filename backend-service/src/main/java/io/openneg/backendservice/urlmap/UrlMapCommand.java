package io.openneg.backendservice.urlmap;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.resource.Facts;
import java.util.List;

/** What may be asked of a URL map. */
public sealed interface UrlMapCommand {
  String name();

  /**
   * @param wanted as the client sent it; name, id and time are the command's
   */
  record Create(String name, long id, Timestamp now, UrlMap wanted, Facts facts)
      implements UrlMapCommand {}

  /**
   * @param fields names of the fields to replace; empty: all of them
   */
  record Update(String name, UrlMap wanted, List<String> fields, Facts facts)
      implements UrlMapCommand {
    public Update {
      fields = List.copyOf(fields);
    }
  }

  record Delete(String name, Facts facts) implements UrlMapCommand {}
}
