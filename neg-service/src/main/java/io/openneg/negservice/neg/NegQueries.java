package io.openneg.negservice.neg;

import com.google.protobuf.Timestamp;
import io.grpc.StatusRuntimeException;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.neg.v1.GetNetworkEndpointGroupRequest;
import io.openneg.neg.v1.ListNetworkEndpointGroupsRequest;
import io.openneg.neg.v1.ListNetworkEndpointGroupsResponse;
import io.openneg.neg.v1.ListNetworkEndpointsRequest;
import io.openneg.neg.v1.ListNetworkEndpointsRequest.AtCase;
import io.openneg.neg.v1.ListNetworkEndpointsResponse;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointHealth;
import io.openneg.negservice.neg.NegHistory.PastGroup;
import io.openneg.serviceruntime.api.Filter;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.api.WireTime;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** The calls that ask about groups, as they are or were. Thread-safe. */
public final class NegQueries {
  private static final int STANDARD_PAGE = 500;
  private static final int MAX_GROUPS = 500;

  private final Jdbi jdbi;
  private final EventStore store;
  private final NegView view;
  private final NegHistory history;
  private final NegHealth health;

  public NegQueries(Jdbi jdbi, EventStore store, NegView view, NegHealth health) {
    this.jdbi = jdbi;
    this.store = store;
    this.view = view;
    this.history = new NegHistory(store, view);
    this.health = health;
  }

  NetworkEndpointGroup get(String name, GetNetworkEndpointGroupRequest request) {
    Optional<NetworkEndpointGroup> group =
        switch (request.getAtCase()) {
          case AT_NOT_SET ->
              jdbi.withHandle(handle -> view.get(handle, name)).map(NegQueries::message);
          case AT_TIME ->
              snapshot(tx -> past(tx, name, request.getAtTime())).map(NegQueries::message);
          case AT_VERSION ->
              snapshot(tx -> past(tx, name, request.getAtVersion())).map(NegQueries::message);
        };
    return group.orElseThrow(() -> notFound(name));
  }

  ListNetworkEndpointGroupsResponse list(ListNetworkEndpointGroupsRequest request) {
    String prefix = ResourceName.prefix(request.getParent(), Scope.ZONE, NegGrpcService.COLLECTION);
    Page page = Page.of(request.getPageSize(), request.getPageToken(), STANDARD_PAGE, MAX_GROUPS);
    check(
        page.after().isEmpty() || page.after().startsWith(prefix),
        "page_token",
        "must be a next_page_token of an earlier answer with the same parent");
    Filter filter = Filter.of(request.getFilter(), NetworkEndpointGroup.getDescriptor());
    var found =
        jdbi.withHandle(
            handle ->
                page.answer(
                    (NegView.Row row) -> filter.test(message(row)),
                    row -> row.definition().name(),
                    (after, limit) -> view.list(handle, prefix, after, limit)));
    ListNetworkEndpointGroupsResponse.Builder answer =
        ListNetworkEndpointGroupsResponse.newBuilder().setNextPageToken(found.nextPageToken());
    found.items().forEach(row -> answer.addNetworkEndpointGroups(message(row)));
    return answer.build();
  }

  ListNetworkEndpointsResponse endpoints(String name, ListNetworkEndpointsRequest request) {
    Page page =
        Page.of(
            request.getPageSize(),
            request.getPageToken(),
            STANDARD_PAGE,
            EndpointRules.MAX_ENDPOINTS);
    check(
        page.after().isEmpty() || EndpointAddress.parse(page.after()).isPresent(),
        "page_token",
        "must be a next_page_token of an earlier answer");
    check(
        !request.getShowHealth() || request.getAtCase() == AtCase.AT_NOT_SET,
        "show_health",
        "must not be asked for together with a past time or version");
    Filter filter = Filter.of(request.getFilter(), NetworkEndpoint.getDescriptor());
    var found =
        snapshot(
            tx ->
                page.answer(
                    (Endpoint endpoint) -> filter.test(NegMessages.endpoint(endpoint)),
                    endpoint -> endpoint.address().toString(),
                    (after, limit) ->
                        endpoints(tx, name, request, EndpointAddress.parse(after), limit)));
    ListNetworkEndpointsResponse.Builder answer =
        ListNetworkEndpointsResponse.newBuilder().setNextPageToken(found.nextPageToken());
    found.items().forEach(endpoint -> answer.addNetworkEndpoints(NegMessages.endpoint(endpoint)));
    if (request.getShowHealth()) {
      addHealth(answer, name, found.items().stream().map(Endpoint::address).toList());
    }
    return answer.build();
  }

  /** All of it or none: an endpoint without health would look like one that nobody uses. */
  private void addHealth(
      ListNetworkEndpointsResponse.Builder answer, String name, List<EndpointAddress> endpoints) {
    Map<EndpointAddress, NetworkEndpointHealth.Builder> healths = new LinkedHashMap<>();
    endpoints.forEach(address -> healths.put(address, NetworkEndpointHealth.newBuilder()));
    try {
      for (EndpointHealth each : health.of(name, endpoints)) {
        NetworkEndpointHealth.Builder known =
            healths.get(NegMessages.address(each.getIpAddress(), each.getPort()));
        if (known != null) {
          known.addHealths(each);
        }
      }
    } catch (StatusRuntimeException e) {
      answer.setHealthUnavailable(
          "health-service does not tell: "
              // Behind the first line there may be a stack trace.
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return;
    }
    healths.values().forEach(answer::addNetworkEndpointHealths);
  }

  private List<Endpoint> endpoints(
      Handle tx,
      String name,
      ListNetworkEndpointsRequest request,
      Optional<EndpointAddress> after,
      int limit) {
    Optional<PastGroup> past =
        switch (request.getAtCase()) {
          case AT_NOT_SET -> Optional.empty();
          case AT_TIME -> past(tx, name, request.getAtTime());
          case AT_VERSION -> past(tx, name, request.getAtVersion());
        };
    if (past.isPresent()) {
      return part(past.get(), after, limit);
    }
    boolean asItIs = request.getAtCase() == AtCase.AT_NOT_SET;
    if (!asItIs || view.get(tx, name).isEmpty()) {
      throw notFound(name);
    }
    return view.endpoints(tx, name, after, limit);
  }

  private static List<Endpoint> part(PastGroup group, Optional<EndpointAddress> after, int limit) {
    Collection<Endpoint> behind =
        after
            .map(address -> group.endpoints().tailMap(address, false))
            .orElse(group.endpoints())
            .values();
    return behind.stream().limit(limit).toList();
  }

  private Optional<PastGroup> past(Handle tx, String name, Timestamp time) {
    long version = store.versionAt(tx, name, WireTime.instant("at_time", time));
    return version == 0 ? Optional.empty() : history.at(tx, name, version);
  }

  private Optional<PastGroup> past(Handle tx, String name, long version) {
    long last = store.version(tx, name);
    if (last == 0) {
      return Optional.empty();
    }
    check(
        version >= 1 && version <= last,
        "at_version",
        "must be 1..%d, is %d".formatted(last, version));
    return history.at(tx, name, version);
  }

  /** All queries of one answer see the same, so that no group is not taken for an empty one. */
  private <R> R snapshot(HandleCallback<R, RuntimeException> queries) {
    return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, queries);
  }

  private static NetworkEndpointGroup message(NegView.Row row) {
    return NegMessages.group(row.definition(), row.size(), row.version());
  }

  private static NetworkEndpointGroup message(PastGroup past) {
    return NegMessages.group(past.definition(), past.endpoints().size(), past.version());
  }

  private static void check(boolean holds, String field, String rule) {
    Violations violations = new Violations();
    violations.check(holds, field, rule);
    violations.orThrow();
  }

  private static RejectedException notFound(String name) {
    return new RejectedException(
        new Rejection(
            Kind.NOT_FOUND, "NOT_FOUND", "The group '%s' was not found.".formatted(name)));
  }
}
