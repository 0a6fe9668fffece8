package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.Set;

/**
 * A request names all that the client wants; an answer has all listeners or clusters it wants, or
 * the endpoints or routes that are new to it.
 */
final class StateOfTheWorld implements WireForm<DiscoveryRequest, DiscoveryResponse> {
  static final StateOfTheWorld FORM = new StateOfTheWorld();

  private StateOfTheWorld() {}

  @Override
  public Node node(DiscoveryRequest request) {
    return request.getNode();
  }

  @Override
  public String typeUrl(DiscoveryRequest request) {
    return request.getTypeUrl();
  }

  /** A response nonce other than the last one's is stale: ignored, with all that comes with it. */
  @Override
  public void read(DiscoveryRequest request, Subscription subscription) {
    if (!subscription.begun()) {
      subscription.begin(new Resumption.Whole(request.getVersionInfo()));
    } else {
      String nonce = request.getResponseNonce();
      String last = subscription.lastNonce();
      if (!nonce.isEmpty() && !last.isEmpty() && !nonce.equals(last)) {
        return;
      }
      subscription.acknowledge(
          nonce, WireForm.error(request.hasErrorDetail(), request.getErrorDetail()));
    }
    // No names mean all, as long as names were never given.
    if (request.getResourceNamesCount() == 0
        && subscription.type().wholeSet()
        && !subscription.everNamed()) {
      subscription.askForAll();
    } else {
      subscription.ask(Set.copyOf(request.getResourceNamesList()), Set.of());
    }
  }

  /** What does not exist is told as a resource without content: there is no other word for it. */
  @Override
  public DiscoveryResponse write(Answer answer) {
    DiscoveryResponse.Builder response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(answer.type().typeUrl())
            .setVersionInfo(answer.version())
            .setNonce(answer.nonce());
    for (XdsResource resource : answer.content().resources()) {
      response.addResources(resource.body());
    }
    for (String name : answer.content().removed()) {
      response.addResources(XdsSnapshot.empty(answer.type(), name).body());
    }
    return response.build();
  }

  @Override
  public SetSubscription set(XdsType type) {
    return new WholeSetSubscription(type);
  }

  @Override
  public ByNameSubscription byName(XdsType type) {
    return new ByNameSubscription(type, false);
  }
}
