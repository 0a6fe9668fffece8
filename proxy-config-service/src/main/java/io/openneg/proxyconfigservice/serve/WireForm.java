package io.openneg.proxyconfigservice.serve;

import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.openneg.proxyconfigservice.xds.XdsType;
import org.jspecify.annotations.Nullable;

/**
 * How requests and answers are written in a variant of the xDS protocol. What is sent, in which
 * order and when is the same in all of them: {@link XdsStream}. Without state.
 *
 * @param <Q> requests
 * @param <A> answers
 */
sealed interface WireForm<Q, A> permits StateOfTheWorld, Delta {
  Node node(Q request);

  String typeUrl(Q request);

  /** What a request says to the subscription of its type. */
  void read(Q request, Subscription subscription);

  A write(Answer answer);

  /** For listeners or clusters. */
  SetSubscription set(XdsType type);

  /** For endpoints or routes. */
  ByNameSubscription byName(XdsType type);

  /** What a client says that refuses an answer; null: it accepts it. */
  static @Nullable String error(boolean refused, Status detail) {
    return refused ? detail.getMessage() : null;
  }
}
