package io.openneg.backendservice.certificate;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.CreateSslCertificateRequest;
import io.openneg.backend.v1.DeleteSslCertificateRequest;
import io.openneg.backend.v1.DeleteSslCertificateResponse;
import io.openneg.backend.v1.GetSslCertificateRequest;
import io.openneg.backend.v1.ListSslCertificatesRequest;
import io.openneg.backend.v1.ListSslCertificatesResponse;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backend.v1.SslCertificatesGrpc;
import io.openneg.backendservice.certificate.CertificateRules.Checked;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;

/** The API of certificates. */
@GrpcService
public class SslCertificatesGrpcService extends SslCertificatesGrpc.SslCertificatesImplBase {
  private final Resources<SslCertificate, CertificateCommand> certificates;
  private final SealedKeys keys;

  @Inject
  SslCertificatesGrpcService(
      Resources<SslCertificate, CertificateCommand> certificates, SealedKeys keys) {
    this.certificates = certificates;
    this.keys = keys;
  }

  @Override
  public void createSslCertificate(
      CreateSslCertificateRequest request, StreamObserver<SslCertificate> reply) {
    Replies.answer(
        reply,
        () -> {
          String name =
              certificates.newName(
                  request.getParent(), "ssl_certificate_id", request.getSslCertificateId());
          CommandContext context = Requests.context(request, request.getRequestId());
          Checked checked =
              CertificateRules.check(
                  request.getSslCertificate(), request.getPrivateKey(), context.now());
          long id = Resources.newId();
          // First of all: a certificate that is recorded has its key.
          keys.keep(name, id, checked.key());
          SslCertificate answer;
          try {
            answer =
                certificates.run(
                    name,
                    context,
                    _ ->
                        new CertificateCommand.Create(
                            name, id, Resources.timestamp(context.now()), checked.certificate()));
          } catch (RejectedException e) {
            keys.forget(name, id);
            throw e;
          }
          if (answer.getId() != id) {
            keys.forget(name, id); // the answer to a repeat: the first call kept its own
          }
          return answer;
        });
  }

  @Override
  public void getSslCertificate(
      GetSslCertificateRequest request, StreamObserver<SslCertificate> reply) {
    Replies.answer(reply, () -> certificates.get(request.getName()));
  }

  @Override
  public void listSslCertificates(
      ListSslCertificatesRequest request, StreamObserver<ListSslCertificatesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              certificates.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListSslCertificatesResponse.newBuilder()
              .addAllSslCertificates(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void deleteSslCertificate(
      DeleteSslCertificateRequest request, StreamObserver<DeleteSslCertificateResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = certificates.name("name", request.getName());
          String token =
              certificates.delete(
                  name,
                  Requests.context(request, request.getRequestId()),
                  tx ->
                      new CertificateCommand.Delete(name, certificates.facts(tx, name, List.of())));
          return DeleteSslCertificateResponse.newBuilder().setChangeToken(token).build();
        });
  }
}
