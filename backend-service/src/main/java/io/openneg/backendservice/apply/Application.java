package io.openneg.backendservice.apply;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.ApplyResponse;
import io.openneg.backend.v1.Change;
import io.openneg.backend.v1.Change.Action;
import io.openneg.backendservice.resource.ResourceView.Row;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.Rehearsal;
import io.openneg.eventlog.RejectedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the resources of a project what a configuration says. Of one call; not thread-safe. */
final class Application {
  private final Rehearsal rehearsal;
  private final Wanted wanted;
  private final Map<String, Kind<?>> kinds;
  private final Timestamp now;
  private final List<Change> changes = new ArrayList<>();
  private final List<Change> unchanged = new ArrayList<>();
  private final List<String> tokens = new ArrayList<>();

  Application(Rehearsal rehearsal, Wanted wanted, List<Kind<?>> kinds, Timestamp now) {
    this.rehearsal = rehearsal;
    this.wanted = wanted;
    this.kinds =
        kinds.stream()
            .collect(
                Collectors.toMap(Kind::list, Function.identity(), (a, _) -> a, LinkedHashMap::new));
    this.now = now;
  }

  /**
   * @param surplus names, by kind, of those that are to go if they are not wanted
   * @throws RejectedException what the first command that is refused was refused with, and where in
   *     the configuration
   */
  ApplyResponse run(Map<String, List<String>> surplus) {
    for (Plan.Step step : Plan.of(List.copyOf(kinds.keySet()), wanted.names(), surplus)) {
      Kind<?> kind = kinds.get(step.kind());
      if (kind == null) {
        throw new IllegalStateException("no kind is " + step.kind());
      }
      if (step.deletes()) {
        delete(kind, step.name());
      } else {
        Located.at(
            kind.called(), Wanted.path(step.kind(), step.index()), () -> put(kind, step.name()));
      }
    }
    return ApplyResponse.newBuilder()
        .addAllChanges(Stream.concat(changes.stream(), unchanged.stream()).toList())
        .addAllChangeTokens(tokens)
        .build();
  }

  private <M extends Message> void put(Kind<M> kind, String name) {
    Resources<M, ?> resources = kind.resources();
    Optional<Row<M>> before = resources.row(rehearsal, name);
    M resource = wanted.resource(kind, name);
    if (before.isPresent()) {
      kind.update(rehearsal, name, before.get().resource(), resource);
    } else {
      kind.create(rehearsal, name, resource, now);
    }
    Row<M> after = resources.row(rehearsal, name).orElseThrow();
    if (before.isPresent() && before.get().version() == after.version()) {
      unchanged.add(change(Action.UNCHANGED, kind, name).build());
      return;
    }
    Change.Builder change = change(before.isPresent() ? Action.UPDATE : Action.CREATE, kind, name);
    before.ifPresent(
        row -> change.addAllFields(FieldDifferences.between(row.resource(), after.resource())));
    changes.add(change.build());
    tokens.add(Resources.token(name, after.version()));
  }

  private void delete(Kind<?> kind, String name) {
    tokens.add(Resources.token(name, kind.delete(rehearsal, name)));
    changes.add(change(Action.DELETE, kind, name).build());
  }

  private static Change.Builder change(Action action, Kind<?> kind, String name) {
    return Change.newBuilder()
        .setAction(action)
        .setKind(kind.resources().collection())
        .setName(name);
  }
}
