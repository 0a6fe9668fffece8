package io.openneg.backendservice.certificate;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.GetSealedKeyRequest;
import io.openneg.backend.v1.SealedKey;
import io.openneg.backend.v1.SealedKeysGrpc;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;

/** Hands out private keys as they are kept: sealed. */
@GrpcService
public class SealedKeysGrpcService extends SealedKeysGrpc.SealedKeysImplBase {
  private final Resources<SslCertificate, CertificateCommand> certificates;
  private final SealedKeys keys;

  @Inject
  SealedKeysGrpcService(
      Resources<SslCertificate, CertificateCommand> certificates, SealedKeys keys) {
    this.certificates = certificates;
    this.keys = keys;
  }

  @Override
  public void getSealedKey(GetSealedKeyRequest request, StreamObserver<SealedKey> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = certificates.name("certificate", request.getCertificate());
          return keys.find(name, request.getId())
              .map(key -> SealedKey.newBuilder().setSealed(ByteString.copyFrom(key)).build())
              .orElseThrow(() -> new RejectedException(Refusals.notFound(name)));
        });
  }
}
