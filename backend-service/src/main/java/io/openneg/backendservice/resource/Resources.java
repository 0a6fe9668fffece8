package io.openneg.backendservice.resource;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.JointCommands;
import io.openneg.eventlog.Outcome;
import io.openneg.eventlog.Rehearsal;
import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.api.Filter;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Commands and queries of one kind of resource, answered with the published message and its change
 * token. Thread-safe.
 */
public final class Resources<M extends Message, C> {
  private static final int STANDARD_PAGE = 500;

  private final Jdbi jdbi;
  private final ResourceView view;
  private final CommandRunner<ResourceState<M>, C, BackendEvent> runner;
  private final Catalogue catalogue;
  private final Scope scope;
  private final String collection;
  private final Parser<M> parser;
  private final Descriptor listed;
  private final BiFunction<M, String, M> withToken;

  /**
   * @param scope where there are such resources
   * @param collection such as {@code healthChecks}
   * @param withToken puts a change token into the message
   */
  public Resources(
      Jdbi jdbi,
      ResourceView view,
      CommandRunner<ResourceState<M>, C, BackendEvent> runner,
      Catalogue catalogue,
      Scope scope,
      String collection,
      Parser<M> parser,
      BiFunction<M, String, M> withToken) {
    this.jdbi = jdbi;
    this.view = view;
    this.runner = runner;
    this.catalogue = catalogue;
    this.scope = scope;
    this.collection = collection;
    this.parser = parser;
    this.listed = listed(parser);
    this.withToken = withToken;
  }

  private static Descriptor listed(Parser<? extends Message> parser) {
    try {
      return parser.parseFrom(new byte[0]).getDescriptorForType();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the empty message is none", e);
    }
  }

  /** The name of a resource to be created. */
  public String newName(String parent, String idField, String id) {
    ResourceName name = ResourceName.of(parent, scope, collection, idField, id);
    catalogue.checkRegionIn(name);
    return name.toString();
  }

  /** A name of this kind of resource, checked. */
  public String name(String field, String name) {
    return ResourceName.parse(field, name, scope, collection).toString();
  }

  /** The same for a resource that may have to be created. */
  public String nameToApply(String field, String name) {
    ResourceName parsed = ResourceName.parse(field, name, scope, collection);
    catalogue.checkRegionIn(parsed);
    return parsed.toString();
  }

  public String collection() {
    return collection;
  }

  /** Names of all of them in a project. */
  public List<String> names(Handle handle, String project) {
    return view.names(handle, project, collection);
  }

  /** What a command must know: whether what it refers to exists, and who uses the resource. */
  public Facts facts(Handle tx, String name, List<String> wanted) {
    return view.facts(tx, name, wanted);
  }

  /** The same with the load balancers that the resource is part of, see {@link Facts}. */
  public Facts connections(Handle tx, String name, List<String> wanted) {
    return view.connections(tx, name, wanted);
  }

  /** The same for a question, outside of any command. */
  public Facts connections(String name, List<String> wanted) {
    return jdbi.inTransaction(tx -> view.connections(tx, name, wanted));
  }

  /** Who refers to these resources; those that nobody does are not in it. */
  public Map<String, List<String>> users(List<String> names) {
    return jdbi.withHandle(handle -> view.users(handle, names));
  }

  /** A resource as it is now, for a command on it. */
  public Optional<M> current(Handle tx, String name) {
    return view.get(tx, name, parser).map(ResourceView.Row::resource);
  }

  /** What a resource refers to now; nothing when there is none of the name. */
  public List<String> used(Handle tx, String name) {
    return view.used(tx, name);
  }

  /**
   * Runs a command that leaves the resource there.
   *
   * @throws RejectedException when it is refused
   */
  public M run(String name, CommandContext context, Function<Handle, C> command) {
    Outcome.Done<ResourceState<M>> done = runner.run(name, context, command).orThrow();
    return withToken.apply(requireNonNull(done.state().resource()), token(name, done.version()));
  }

  /**
   * Decides a command among others, see {@link JointCommands}.
   *
   * @return the version behind it
   * @throws RejectedException when it is refused
   */
  public long rehearse(Rehearsal rehearsal, String name, Function<Handle, C> command) {
    return rehearsal.run(runner, name, command).version();
  }

  /** A resource and its version, as a rehearsal has left them. */
  public Optional<ResourceView.Row<M>> row(Rehearsal rehearsal, String name) {
    return view.get(rehearsal.handle(), name, parser);
  }

  /**
   * Runs a command that deletes the resource.
   *
   * @return the change token
   * @throws RejectedException when it is refused
   */
  public String delete(String name, CommandContext context, Function<Handle, C> command) {
    return token(name, runner.run(name, context, command).orThrow().version());
  }

  /**
   * @throws RejectedException NOT_FOUND
   */
  public M get(String name) {
    String known = name("name", name);
    return jdbi.withHandle(handle -> view.get(handle, known, parser))
        .map(this::answer)
        .orElseThrow(() -> new RejectedException(Refusals.notFound(known)));
  }

  public Page.Of<M> list(String parent, int pageSize, String pageToken) {
    return list(parent, pageSize, pageToken, "");
  }

  /**
   * @param filter about the message as clients see it, see {@link Filter}; empty: everything
   * @throws RejectedException INVALID_ARGUMENT when one of them cannot be
   */
  public Page.Of<M> list(String parent, int pageSize, String pageToken, String filter) {
    String prefix = ResourceName.prefix(parent, scope, collection);
    Page page = Page.of(pageSize, pageToken, STANDARD_PAGE, STANDARD_PAGE);
    Filter wanted = Filter.of(filter, listed);
    Page.Of<ResourceView.Row<M>> rows =
        jdbi.withHandle(
            handle ->
                page.answer(
                    row -> wanted.test(answer(row)),
                    ResourceView.Row::name,
                    (after, limit) -> view.list(handle, collection, prefix, after, limit, parser)));
    return new Page.Of<>(rows.items().stream().map(this::answer).toList(), rows.nextPageToken());
  }

  private M answer(ResourceView.Row<M> row) {
    return withToken.apply(row.resource(), token(row.name(), row.version()));
  }

  /** The change token of a resource at a version of its stream. */
  public static String token(String name, long version) {
    return name + "@" + version;
  }

  /** An id that no other resource has or had. */
  public static long newId() {
    return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
  }

  public static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
