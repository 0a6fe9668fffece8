package io.openneg.backendservice.apply;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.resource.Resources;
import io.openneg.backendservice.resource.UrlMapReferences;
import io.openneg.backendservice.urlmap.UrlMapCommand;
import io.openneg.eventlog.Rehearsal;
import java.util.List;
import java.util.stream.Stream;

/** URL maps in a configuration. */
record UrlMapsKind(Resources<UrlMap, UrlMapCommand> resources) implements Kind<UrlMap> {

  @Override
  public String list() {
    return "url_maps";
  }

  @Override
  public String called() {
    return "url_map";
  }

  @Override
  public void create(Rehearsal rehearsal, String name, UrlMap wanted, Timestamp now) {
    long id = Resources.newId();
    resources.rehearse(
        rehearsal,
        name,
        tx ->
            new UrlMapCommand.Create(
                name,
                id,
                now,
                wanted,
                resources.connections(
                    tx, name, List.copyOf(UrlMapReferences.services(wanted).keySet()))));
  }

  @Override
  public void update(Rehearsal rehearsal, String name, UrlMap current, UrlMap wanted) {
    List<String> services =
        Stream.of(current, wanted)
            .flatMap(map -> UrlMapReferences.services(map).keySet().stream())
            .distinct()
            .toList();
    resources.rehearse(
        rehearsal,
        name,
        tx ->
            new UrlMapCommand.Update(
                name, wanted, List.of(), resources.connections(tx, name, services)));
  }

  @Override
  public long delete(Rehearsal rehearsal, String name) {
    return resources.rehearse(
        rehearsal,
        name,
        tx -> new UrlMapCommand.Delete(name, resources.facts(tx, name, List.of())));
  }
}
