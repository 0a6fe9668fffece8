package io.openneg.proxyconfigservice.serve;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A call without a network, which can always take more. */
class LocalCall<A> extends ServerCallStreamObserver<A> {
  private final List<A> answers = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable Status> end = new AtomicReference<>();

  /** What it was sent so far. */
  final List<A> answers() {
    return List.copyOf(answers);
  }

  /** How the server ended it; empty: it has not. */
  final Optional<Status> end() {
    return Optional.ofNullable(end.get());
  }

  @Override
  public void onNext(A answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable error) {
    end.set(Status.fromThrowable(error));
  }

  @Override
  public void onCompleted() {
    end.set(Status.OK);
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public void setOnReadyHandler(@Nullable Runnable handler) {}

  @Override
  public void setOnCancelHandler(@Nullable Runnable handler) {}

  @Override
  public void setCompression(String compression) {}

  @Override
  public void disableAutoInboundFlowControl() {}

  @Override
  public void request(int count) {}

  @Override
  public void setMessageCompression(boolean enable) {}
}
