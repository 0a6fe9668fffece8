package io.openneg.serviceruntime.grpc;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a handler does, the client gets an end, and one it can make sense of. */
class RepliesTest {
  // What clients accept by default.
  private static final int TRAILERS = 8_192;
  private static final MethodDescriptor<StringValue, StringValue> METHOD =
      MethodDescriptor.<StringValue, StringValue>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("test.Test/Call")
          .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .build();

  private Callable<@Nullable StringValue> handler = () -> StringValue.of("answer");
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .addService(
                ServerInterceptors.intercept(
                    ServerServiceDefinition.builder("test.Test")
                        .addMethod(
                            METHOD,
                            ServerCalls.asyncUnaryCall(
                                (_, reply) -> Replies.answer(reply, this::handle)))
                        .build(),
                    new Actor()))
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).maxInboundMetadataSize(TRAILERS).build();
  }

  @SuppressWarnings("NullAway") // a handler that answers null is one of the cases
  private StringValue handle() throws Exception {
    return handler.call();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void callsThatBlockInAnyNumberHoldNobodyUp() {
    var arrived = new CountDownLatch(300);
    handler =
        () -> {
          arrived.countDown();
          return StringValue.of("together: " + arrived.await(30, TimeUnit.SECONDS));
        };

    List<? extends Future<StringValue>> calls =
        IntStream.range(0, 300)
            .mapToObj(
                _ ->
                    ClientCalls.futureUnaryCall(
                        channel.newCall(METHOD, soon()), StringValue.getDefaultInstance()))
            .toList();

    assertThat(calls)
        .allSatisfy(call -> assertThat(call.get().getValue()).isEqualTo("together: true"));
  }

  @Test
  void anAnswerArrivesFromAThreadThatMayBlockAndKnowsTheActor() {
    handler = () -> StringValue.of(Thread.currentThread().getName() + " " + Actor.current());
    assertThat(call().getValue()).matches("grpc-\\d+ anonymous");

    Metadata headers = new Metadata();
    headers.put(Actor.HEADER, "alice");
    assertThat(
            ClientCalls.blockingUnaryCall(
                    ClientInterceptors.intercept(
                        channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
                    METHOD,
                    soon(),
                    StringValue.getDefaultInstance())
                .getValue())
        .matches("grpc-\\d+ alice");
  }

  @ParameterizedTest
  @EnumSource
  void everyKindOfRejectionHasItsStatusAndItsReason(Kind kind) throws Exception {
    handler = rejecting(new Rejection(kind, "THE_REASON", "why"));
    StatusRuntimeException status = failure();
    assertThat(status.getStatus().getCode().name()).isEqualTo(kind.name());
    assertThat(status.getStatus().getDescription()).isEqualTo("why");
    assertThat(detail(status, ErrorInfo.class))
        .contains(ErrorInfo.newBuilder().setReason("THE_REASON").setDomain("openneg.io").build());
    assertThat(detail(status, RetryInfo.class).isPresent()).isEqualTo(kind == Kind.UNAVAILABLE);
  }

  @Test
  void badFieldsAndResourcesInTheWayAreListed() throws Exception {
    List<Violation> violations = List.of(new Violation("a", "b"), new Violation("c", "d"));
    handler = rejecting(new Rejection(Kind.INVALID_ARGUMENT, "R", "m", violations));
    assertThat(detail(failure(), BadRequest.class).orElseThrow().getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactly("a", "c");

    handler = rejecting(new Rejection(Kind.FAILED_PRECONDITION, "IN_USE", "m", violations));
    assertThat(detail(failure(), PreconditionFailure.class).orElseThrow().getViolationsList())
        .extracting(PreconditionFailure.Violation::getType)
        .containsExactly("IN_USE", "IN_USE");
  }

  /** 10,000 bad endpoints in one call: the client would see a broken transport. */
  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"INVALID_ARGUMENT", "FAILED_PRECONDITION"})
  void aStatusThatIsTooLargeForTheTrailersIsCut(Kind kind) throws Exception {
    List<Violation> violations =
        IntStream.range(0, 10_000)
            .mapToObj(i -> new Violation("network_endpoints[" + i + "].port", "must be 1..65535"))
            .toList();
    for (String message : List.of("long ".repeat(10_000), "長い".repeat(10_000))) {
      handler = rejecting(new Rejection(kind, "A_REASON", message, violations));
      StatusRuntimeException status = failure();
      assertThat(status.getStatus().getCode().name()).isEqualTo(kind.name());
      assertThat(message).startsWith(requireNonNull(status.getStatus().getDescription()));
      assertThat(detail(status, ErrorInfo.class).orElseThrow().getMetadataMap())
          .containsKey("violations_left_out");
      assertThat(requireNonNull(StatusProto.fromThrowable(status)).toString())
          .contains("network_endpoints[0].port");
    }
  }

  @Test
  void whatCannotBeHandledIsAnInternalErrorThatTellsNothingButAnId() {
    for (Throwable error :
        List.of(
            new IllegalStateException("secret"),
            new StackOverflowError(),
            new AssertionError("secret"),
            new InterruptedException("secret"))) {
      handler =
          () -> {
            throw sneaky(error);
          };
      Status status = failure().getStatus();
      assertThat(status.getCode()).isEqualTo(Code.INTERNAL);
      assertThat(status.getDescription())
          .matches("internal error [-0-9a-f]{36}; the service's log tells more");
    }
  }

  @Test
  void aNullAnswerEndsTheCallToo() {
    handler = () -> null;
    assertThat(failure().getStatus().getCode()).isEqualTo(Code.INTERNAL);
  }

  @Test
  void aDatabaseThatIsAwayIsUnavailableAndMayBeTriedAgain() throws Exception {
    handler =
        () -> {
          throw new ConnectionException(new SQLException("refused", "08001"));
        };
    StatusRuntimeException status = failure();
    assertThat(status.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(detail(status, ErrorInfo.class).orElseThrow().getReason())
        .isEqualTo("STORE_UNAVAILABLE");
    assertThat(detail(status, RetryInfo.class)).isPresent();
  }

  @Test
  void aStatusOfAnotherServiceIsPassedOn() {
    for (Exception error :
        List.of(
            Status.NOT_FOUND.withDescription("there").asRuntimeException(),
            new StatusException(Status.NOT_FOUND.withDescription("there")))) {
      handler =
          () -> {
            throw error;
          };
      assertThat(failure().getStatus().getCode()).isEqualTo(Code.NOT_FOUND);
      assertThat(failure().getStatus().getDescription()).isEqualTo("there");
    }
  }

  /** The call is over, or the answer cannot be serialized. */
  @Test
  void anAnswerThatCannotBeSentEndsTheCallAndLeavesNoFaultBehind() throws Exception {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    CompletableFuture<Thread> handling = new CompletableFuture<>();
    CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
    StreamObserver<StringValue> unwilling =
        new StreamObserver<>() {
          @Override
          public void onNext(StringValue answer) {
            throw new IllegalStateException("cannot be sent");
          }

          @Override
          public void onError(Throwable error) {
            end.complete(error);
            throw new IllegalStateException("call is over");
          }

          @Override
          public void onCompleted() {
            end.completeExceptionally(new AssertionError("nothing was sent"));
          }
        };
    Replies.answer(
        unwilling,
        () -> {
          Thread.currentThread().setUncaughtExceptionHandler((_, e) -> uncaught.complete(e));
          handling.complete(Thread.currentThread());
          return StringValue.of("answer");
        });
    assertThat(end.get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Code.INTERNAL));
    handling.get().join();
    assertThat(uncaught).isNotDone();
  }

  private StringValue call() {
    return ClientCalls.blockingUnaryCall(channel, METHOD, soon(), StringValue.getDefaultInstance());
  }

  /** A call that hangs fails the test by DEADLINE_EXCEEDED. */
  private static CallOptions soon() {
    return CallOptions.DEFAULT.withDeadline(Deadline.after(10, TimeUnit.SECONDS));
  }

  private StatusRuntimeException failure() {
    return requireNonNull(catchThrowableOfType(StatusRuntimeException.class, this::call));
  }

  private static Callable<@Nullable StringValue> rejecting(Rejection rejection) {
    return () -> {
      throw new RejectedException(rejection);
    };
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneaky(Throwable error) throws E {
    throw (E) error;
  }

  private static <M extends Message> Optional<M> detail(
      StatusRuntimeException status, Class<M> type) throws InvalidProtocolBufferException {
    for (var detail : requireNonNull(StatusProto.fromThrowable(status)).getDetailsList()) {
      if (detail.is(type)) {
        return Optional.of(detail.unpack(type));
      }
    }
    return Optional.empty();
  }
}
