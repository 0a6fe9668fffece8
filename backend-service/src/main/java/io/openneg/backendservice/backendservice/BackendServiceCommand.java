package io.openneg.backendservice.backendservice;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backendservice.resource.Facts;
import java.util.List;

/** What may be asked of a backend service. */
public sealed interface BackendServiceCommand {
  String name();

  /**
   * @param wanted as the client sent it; name, id and time are the command's
   * @param negs what is known of the groups that it names
   */
  record Create(
      String name, long id, Timestamp now, BackendService wanted, Facts facts, GroupFacts negs)
      implements BackendServiceCommand {}

  /**
   * @param wanted as the client sent it; of it only what is in {@code fields} counts
   * @param fields names of the fields to replace; empty: all of them
   * @param negs what is known of the groups that it names
   */
  record Update(
      String name, BackendService wanted, List<String> fields, Facts facts, GroupFacts negs)
      implements BackendServiceCommand {
    public Update {
      fields = List.copyOf(fields);
    }
  }

  record AddBackend(String name, Backend backend, GroupFacts negs)
      implements BackendServiceCommand {}

  record UpdateBackend(String name, Backend backend) implements BackendServiceCommand {}

  record RemoveBackend(String name, String group) implements BackendServiceCommand {}

  record Delete(String name, Facts facts) implements BackendServiceCommand {}
}
