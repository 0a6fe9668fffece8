package io.openneg.backendservice.targetproxy;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backendservice.resource.Patch;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.grpc.Requests;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Commands and queries of one kind of target proxy. Thread-safe.
 *
 * @param <M> the kind, as published
 */
public final class TargetProxies<M extends Message> {
  private final TargetProxyKind<M> kind;
  private final Resources<M, TargetProxyCommand<M>> resources;

  public TargetProxies(TargetProxyKind<M> kind, Resources<M, TargetProxyCommand<M>> resources) {
    this.kind = kind;
    this.resources = resources;
  }

  /**
   * @throws RejectedException when it is refused
   */
  M create(Message request, String requestId, String parent, String id, M wanted) {
    String name = resources.newName(parent, kind.field() + "_id", id);
    CommandContext context = Requests.context(request, requestId);
    long newId = Resources.newId();
    return resources.run(
        name, context, tx -> creation(tx, name, newId, Resources.timestamp(context.now()), wanted));
  }

  public TargetProxyCommand<M> creation(Handle tx, String name, long id, Timestamp now, M wanted) {
    return new TargetProxyCommand.Create<>(
        name,
        id,
        now,
        wanted,
        resources.connections(tx, name, TargetProxyRules.names(kind, wanted)));
  }

  /**
   * @param field that named the proxy, for the error
   * @param fields to replace; empty: all
   * @throws RejectedException when it is refused
   */
  M update(
      Message request, String requestId, String field, String of, M wanted, List<String> fields) {
    String name = resources.name(field, of);
    return resources.run(
        name, Requests.context(request, requestId), tx -> update(tx, name, wanted, fields));
  }

  /**
   * @param fields to replace; empty: all
   */
  public TargetProxyCommand<M> update(Handle tx, String name, M wanted, List<String> fields) {
    // What it will refer to, which the mask may leave as it is.
    M next =
        resources
            .current(tx, name)
            .map(current -> Patch.apply(current, wanted, fields, new Violations()))
            .orElse(wanted);
    return new TargetProxyCommand.Update<>(
        name, wanted, fields, resources.connections(tx, name, TargetProxyRules.names(kind, next)));
  }

  M get(String name) {
    return resources.get(name);
  }

  Page.Of<M> list(String parent, int pageSize, String pageToken, String filter) {
    return resources.list(parent, pageSize, pageToken, filter);
  }

  /**
   * @return the change token
   * @throws RejectedException when it is refused
   */
  String delete(Message request, String requestId, String of) {
    String name = resources.name("name", of);
    return resources.delete(name, Requests.context(request, requestId), tx -> deletion(tx, name));
  }

  public TargetProxyCommand<M> deletion(Handle tx, String name) {
    return new TargetProxyCommand.Delete<>(name, resources.facts(tx, name, List.of()));
  }

  /** How refusals call a proxy, such as {@code target_http_proxy}. */
  public String called() {
    return kind.field();
  }

  public Resources<M, TargetProxyCommand<M>> resources() {
    return resources;
  }
}
