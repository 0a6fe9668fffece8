package io.openneg.edgeproxy.xds;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Channel;
import io.grpc.stub.ClientResponseObserver;
import org.jspecify.annotations.Nullable;

/**
 * How the two sides write to each other.
 *
 * @param <Q> requests
 * @param <A> responses
 */
sealed interface Variant<Q, A> permits StateOfTheWorld, Delta {

  void open(Channel channel, ClientResponseObserver<Q, A> responses);

  /**
   * @param node to be told with it, or null
   */
  Q write(XdsRequest request, @Nullable Node node);

  XdsResponse read(A response);
}
