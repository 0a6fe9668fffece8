package io.openneg.backendservice.targetproxy;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backendservice.resource.Facts;
import java.util.List;

/**
 * What may be asked of a target proxy.
 *
 * @param <M> the kind of proxy, as published
 */
public sealed interface TargetProxyCommand<M extends Message> {
  String name();

  /**
   * @param wanted as the client sent it; name, id and time are the command's
   */
  record Create<M extends Message>(String name, long id, Timestamp now, M wanted, Facts facts)
      implements TargetProxyCommand<M> {}

  /**
   * @param fields names of the fields to replace; empty: all of them
   */
  record Update<M extends Message>(String name, M wanted, List<String> fields, Facts facts)
      implements TargetProxyCommand<M> {
    public Update {
      fields = List.copyOf(fields);
    }
  }

  record Delete<M extends Message>(String name, Facts facts) implements TargetProxyCommand<M> {}
}
