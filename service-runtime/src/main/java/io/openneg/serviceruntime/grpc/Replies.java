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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a gRPC handler runs: on a virtual thread, so it may block, and with every end
 * told to the client, so no call hangs.
 */
public final class Replies {
  private static final Logger LOG = LoggerFactory.getLogger(Replies.class);
  private static final ExecutorService HANDLERS =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());

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
    HANDLERS.execute(
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
