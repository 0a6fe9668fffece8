package io.openneg.e2e;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Calls a service knowing only its address, as grpcurl does: by server reflection, with JSON. */
final class ReflectedApi implements AutoCloseable {
  private final ManagedChannel channel;

  ReflectedApi(String address) {
    channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
  }

  List<String> services() {
    return ask(ServerReflectionRequest.newBuilder().setListServices("").build())
        .getListServicesResponse()
        .getServiceList()
        .stream()
        .map(service -> service.getName())
        .toList();
  }

  /** The answer as JSON. */
  String call(String service, String method, String json)
      throws InvalidProtocolBufferException, DescriptorValidationException {
    Map<String, FileDescriptor> files = new HashMap<>();
    MethodDescriptor descriptor =
        load(symbol(service), files)
            .findServiceByName(service.substring(service.lastIndexOf('.') + 1))
            .findMethodByName(method);
    DynamicMessage.Builder request = DynamicMessage.newBuilder(descriptor.getInputType());
    JsonFormat.parser().merge(json, request);
    DynamicMessage answer =
        ClientCalls.blockingUnaryCall(
            channel,
            io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                .setType(MethodType.UNARY)
                .setFullMethodName(service + "/" + method)
                .setRequestMarshaller(
                    ProtoUtils.marshaller(
                        DynamicMessage.getDefaultInstance(descriptor.getInputType())))
                .setResponseMarshaller(
                    ProtoUtils.marshaller(
                        DynamicMessage.getDefaultInstance(descriptor.getOutputType())))
                .build(),
            CallOptions.DEFAULT,
            request.build());
    return JsonFormat.printer().print(answer);
  }

  private static ServerReflectionRequest symbol(String name) {
    return ServerReflectionRequest.newBuilder().setFileContainingSymbol(name).build();
  }

  /** Loads a file and all it imports. */
  private FileDescriptor load(ServerReflectionRequest which, Map<String, FileDescriptor> files)
      throws InvalidProtocolBufferException, DescriptorValidationException {
    ServerReflectionResponse answer = ask(which);
    FileDescriptorProto file =
        FileDescriptorProto.parseFrom(answer.getFileDescriptorResponse().getFileDescriptorProto(0));
    List<FileDescriptor> imports = new ArrayList<>();
    for (String imported : file.getDependencyList()) {
      FileDescriptor known = files.get(imported);
      imports.add(
          known != null
              ? known
              : load(
                  ServerReflectionRequest.newBuilder().setFileByFilename(imported).build(), files));
    }
    FileDescriptor loaded = FileDescriptor.buildFrom(file, imports.toArray(FileDescriptor[]::new));
    files.put(file.getName(), loaded);
    return loaded;
  }

  private ServerReflectionResponse ask(ServerReflectionRequest question) {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable error) {
                    answer.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(question);
    try {
      return answer.orTimeout(20, TimeUnit.SECONDS).join();
    } finally {
      requests.onCompleted();
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
