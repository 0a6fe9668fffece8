package io.openneg.e2e;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A gRPC server on loopback that answers with its own name. */
final class GrpcBackend implements AutoCloseable {
  private static final MethodDescriptor<String, String> WHO =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("openneg.e2e.Echo/Who")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  private final Server server;

  private GrpcBackend(Server server) {
    this.server = server;
  }

  static GrpcBackend start(String name) throws IOException {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("openneg.e2e.Echo")
            .addMethod(
                WHO,
                ServerCalls.asyncUnaryCall(
                    (_, reply) -> {
                      reply.onNext(name);
                      reply.onCompleted();
                    }))
            .build();
    return new GrpcBackend(
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(service)
            .build()
            .start());
  }

  /** Asks whichever backend the channel picks for its name. */
  static String who(Channel channel) {
    return ClientCalls.blockingUnaryCall(
        channel, WHO, CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS), "?");
  }

  int port() {
    return server.getPort();
  }

  void stop() {
    server.shutdownNow();
  }

  @Override
  public void close() {
    stop();
  }

  private static final class Text implements Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
