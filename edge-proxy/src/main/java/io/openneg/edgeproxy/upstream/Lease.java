package io.openneg.edgeproxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;

/**
 * The right to send one request, or to forward one connection, to one endpoint; it counts as in
 * flight until it is released. To be used by one event loop.
 */
public final class Lease {

  private final UpstreamCluster cluster;
  private final UpstreamHost host;
  private final boolean retry;
  private boolean released;

  Lease(UpstreamCluster cluster, UpstreamHost host, boolean retry) {
    this.cluster = cluster;
    this.host = host;
    this.retry = retry;
  }

  public UpstreamHost host() {
    return host;
  }

  /** Gets a connection, an idle one if there is one. The request's head is not sent by that. */
  public Future<HttpClientRequest> connect(HttpMethod method, String uri) {
    return cluster.connect(host, method, uri);
  }

  /**
   * Makes a connection that carries all of a client's, on the same event loop; nothing is read from
   * it before that is asked for. The endpoint's going closes it.
   *
   * @param client whose bytes it is to carry
   * @param handler takes what comes from the endpoint
   */
  public io.netty.util.concurrent.Future<Channel> forward(Channel client, ChannelHandler handler) {
    return cluster.forward(host, client, handler);
  }

  /** Notes that the request goes out now. */
  public void sent() {
    host.sent();
  }

  /** Ends the request; further calls do nothing. */
  public void release() {
    if (!released) {
      released = true;
      cluster.end(host, retry);
    }
  }
}
