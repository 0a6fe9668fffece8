package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Requests and answers carry only what has changed (xDS protocol, "Incremental xDS"). */
final class Delta implements WireForm<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  static final Delta FORM = new Delta();

  private Delta() {}

  @Override
  public Node node(DeltaDiscoveryRequest request) {
    return request.getNode();
  }

  @Override
  public String typeUrl(DeltaDiscoveryRequest request) {
    return request.getTypeUrl();
  }

  /**
   * A stale nonce acknowledges nothing. The names count all the same: they are said only once.
   *
   * <p>Whoever subscribes to what he has subscribed to already is told again, since he may have
   * lost it; so is who gives up the name of what he still gets by asking for all there is.
   */
  @Override
  public void read(DeltaDiscoveryRequest request, Subscription subscription) {
    List<String> added = request.getResourceNamesSubscribeList();
    List<String> dropped = request.getResourceNamesUnsubscribeList();
    if (subscription.begun()) {
      subscription.acknowledge(
          request.getResponseNonce(),
          WireForm.error(request.hasErrorDetail(), request.getErrorDetail()));
      if (added.isEmpty() && dropped.isEmpty()) {
        return;
      }
    } else {
      subscription.begin(new Resumption.Each(request.getInitialResourceVersionsMap()));
      if (added.isEmpty() && subscription.type().wholeSet()) {
        subscription.askForAll();
        return;
      }
    }
    Set<String> before = subscription.wanted();
    Set<String> wanted = new HashSet<>(before);
    dropped.forEach(wanted::remove);
    wanted.addAll(added);
    Set<String> again = new TreeSet<>(added);
    again.retainAll(before);
    if (wanted.contains(Subscription.WILDCARD)) {
      dropped.stream().filter(before::contains).forEach(again::add);
    }
    again.remove(Subscription.WILDCARD);
    subscription.ask(Set.copyOf(wanted), again);
  }

  @Override
  public DeltaDiscoveryResponse write(Answer answer) {
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(answer.type().typeUrl())
            .setSystemVersionInfo(answer.version())
            .setNonce(answer.nonce())
            .addAllRemovedResources(answer.content().removed());
    for (XdsResource resource : answer.content().resources()) {
      response.addResources(
          Resource.newBuilder()
              .setName(resource.name())
              .setVersion(resource.version().toString())
              .setResource(resource.body()));
    }
    return response.build();
  }

  @Override
  public SetSubscription set(XdsType type) {
    return new SetChangesSubscription(type);
  }

  @Override
  public ByNameSubscription byName(XdsType type) {
    return new ByNameSubscription(type, true);
  }
}
