package io.openneg.edgeproxy.listening;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.warming.ServingConfig.Server;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that are listened on. Sockets open and close on their own time, so each address is
 * led step by step to what was last wanted of it. Thread-safe.
 */
public final class Listeners {

  private static final System.Logger LOG = System.getLogger(Listeners.class.getName());

  private static final long BIND_RETRY_MILLIS = 1_000;

  /** As Envoy's default: requests that take longer than this are cut off. */
  private static final long DRAIN_MILLIS = 600_000;

  private final Vertx vertx;
  private final Acceptor.Factory acceptors;
  private final Map<IpPort, Slot> slots = new HashMap<>();
  private final Set<Future<Void>> draining = ConcurrentHashMap.newKeySet();

  /** One address. Guarded by the outer object. */
  private static final class Slot {
    final IpPort address;
    @Nullable Server wanted;
    @Nullable Acceptor acceptor;
    boolean busy;
    String problem = "is about to listen";

    Slot(IpPort address) {
      this.address = address;
    }
  }

  public Listeners(Vertx vertx, Acceptor.Factory acceptors) {
    this.vertx = vertx;
    this.acceptors = acceptors;
  }

  /** Why an address cannot be listened on, or null when it can or already is. */
  public synchronized @Nullable String bindProblem(IpPort address) {
    Slot slot = slots.get(address);
    if (slot != null && slot.acceptor != null) {
      return null;
    }
    try (ServerSocketChannel channel = ServerSocketChannel.open()) {
      channel.bind(new InetSocketAddress(address.ip(), address.port()));
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /** Takes other listeners, by name. */
  public synchronized void apply(Map<String, Server> next) {
    Map<IpPort, Server> wanted = new HashMap<>();
    next.values().forEach(server -> wanted.put(server.config().address(), server));
    wanted.forEach((address, _) -> slots.computeIfAbsent(address, Slot::new));
    for (Slot slot : List.copyOf(slots.values())) {
      Server server = wanted.get(slot.address);
      if (!Objects.equals(slot.wanted, server)) {
        slot.wanted = server;
        advance(slot);
      }
    }
  }

  /** Takes the next step towards what is wanted of an address, if there is one. */
  private synchronized void advance(Slot slot) {
    Server wanted = slot.wanted;
    Acceptor acceptor = slot.acceptor;
    if (slot.busy) {
      return;
    }
    if (wanted == null) {
      if (acceptor == null) {
        slots.remove(slot.address, slot);
      } else {
        stop(slot, acceptor);
      }
    } else if (acceptor == null) {
      slot.busy = true;
      Acceptor opening = acceptors.create(slot.address, wanted);
      opening.bind().onComplete(bound -> onBound(slot, opening, bound));
    } else if (!acceptor.server().equals(wanted)) {
      if (acceptor.serve(wanted)) {
        LOG.log(INFO, "listener {0} on {1}: updated", wanted.config().name(), slot.address);
      } else {
        stop(slot, acceptor);
      }
    }
  }

  private void stop(Slot slot, Acceptor acceptor) {
    slot.busy = true;
    slot.acceptor = null;
    slot.problem = "is about to listen";
    LOG.log(INFO, "listener {0} on {1}: draining", acceptor.server().config().name(), slot.address);
    acceptor.stopAccepting().onComplete(_ -> onStopped(slot));
    track(acceptor);
  }

  private synchronized void onBound(Slot slot, Acceptor acceptor, AsyncResult<Void> bound) {
    slot.busy = false;
    String name = acceptor.server().config().name();
    if (bound.succeeded()) {
      slot.acceptor = acceptor;
      LOG.log(INFO, "listener {0} on {1}: listening", name, slot.address);
      advance(slot);
    } else {
      slot.problem = "cannot listen on " + slot.address + ": " + bound.cause().getMessage();
      LOG.log(WARNING, "listener {0}: {1}", name, slot.problem);
      vertx.setTimer(BIND_RETRY_MILLIS, _ -> advance(slot));
    }
  }

  private synchronized void onStopped(Slot slot) {
    slot.busy = false;
    advance(slot);
  }

  /** Closes an acceptor when its last connection is gone, or when that takes too long. */
  private void track(Acceptor acceptor) {
    Future<Void> drained = acceptor.drained();
    draining.add(drained);
    long deadline = vertx.setTimer(DRAIN_MILLIS, _ -> acceptor.close());
    drained.onComplete(
        _ -> {
          vertx.cancelTimer(deadline);
          draining.remove(drained);
          acceptor.close();
        });
  }

  /**
   * Stops accepting everywhere.
   *
   * @return completes when the last request has ended
   */
  public synchronized Future<Void> drain() {
    apply(Map.of());
    return Future.join(List.copyOf(draining)).mapEmpty();
  }

  /** By name of the listener, why it does not listen although it could be served. */
  public synchronized Map<String, String> problems() {
    Map<String, String> problems = new TreeMap<>();
    for (Slot slot : slots.values()) {
      Server wanted = slot.wanted;
      if (wanted != null && slot.acceptor == null) {
        problems.put(wanted.config().name(), slot.problem);
      }
    }
    return problems;
  }

  /** The addresses that are listened on, by name of the listener. */
  public synchronized Map<String, IpPort> listening() {
    Map<String, IpPort> listening = new TreeMap<>();
    for (Slot slot : slots.values()) {
      if (slot.acceptor != null) {
        listening.put(slot.acceptor.server().config().name(), slot.address);
      }
    }
    return listening;
  }
}
