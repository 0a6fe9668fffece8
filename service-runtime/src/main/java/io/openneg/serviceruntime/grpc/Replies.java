package io.openneg.serviceruntime.grpc;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.SqlErrors;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a gRPC handler runs: on a thread of its own, so it may block, and with every
 * end told to the client, so no call hangs.
 */
public final class Replies {
  private static final Logger LOG = LoggerFactory.getLogger(Replies.class);
  private static final int PLATFORM_THREADS = 64;

  private static final Executor VIRTUAL =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-v-", 0).factory());

  /**
   * A command waits for the database six times. A virtual thread is woken by way of two others, so
   * that each of these took 0.4 ms, and 0.2 ms on a thread of its own (two cores, both busy). What
   * is more than these threads is mostly waiting for something else.
   */
  private static final Executor HANDLERS =
      new ThreadPoolExecutor(
          0,
          PLATFORM_THREADS,
          30,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("grpc-", 0).factory(),
          (handler, _) -> VIRTUAL.execute(handler));

  private Replies() {}

  /**
   * Answers a unary call with what the handler returns. A {@link RejectedException} becomes its
   * status, a database that is away UNAVAILABLE, a {@link StatusRuntimeException} or {@link
   * StatusException} itself, anything else, a null answer too, INTERNAL with an id that stands in
   * the log.
   */
  public static <R> void answer(StreamObserver<R> reply, Callable<R> handler) {
    HANDLERS.execute(
        Context.current()
            .wrap(
                () -> {
                  try {
                    reply.onNext(
                        Objects.requireNonNull(handler.call(), "the handler answered null"));
                    reply.onCompleted();
                  } catch (Throwable e) {
                    end(reply, status(e));
                  }
                }));
  }

  /** Sends any number of answers. */
  public interface Streaming {
    /** Returns when nothing more is to be sent; may block. */
    void run() throws Exception;
  }

  /**
   * Answers a server-streaming call with what the handler sends itself; the call ends when it
   * returns, and as in {@link #answer} when it throws.
   */
  public static void stream(StreamObserver<?> reply, Streaming handler) {
    VIRTUAL.execute(
        Context.current()
            .wrap(
                () -> {
                  try {
                    handler.run();
                    reply.onCompleted();
                  } catch (Throwable e) {
                    end(reply, status(e));
                  }
                }));
  }

  private static void end(StreamObserver<?> reply, StatusRuntimeException status) {
    try {
      reply.onError(status);
    } catch (RuntimeException e) {
      // The call has ended already, so nobody waits.
      LOG.debug("could not end a call with {}", status.getStatus(), e);
    }
  }

  static StatusRuntimeException status(Throwable error) {
    if (error instanceof RejectedException rejected) {
      return Statuses.of(rejected.rejection());
    }
    if (error instanceof StatusRuntimeException status) {
      return status;
    }
    if (error instanceof StatusException status) {
      return status.getStatus().asRuntimeException(status.getTrailers());
    }
    if (SqlErrors.isTransient(error)) {
      LOG.warn("the database is not available: {}", error.toString());
      return Statuses.unavailable("the database is not available; try again");
    }
    String id = UUID.randomUUID().toString();
    LOG.error("internal error {}", id, error);
    return Status.INTERNAL
        .withDescription("internal error " + id + "; the service's log tells more")
        .asRuntimeException();
  }
}
