package io.openneg.backendservice.address;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.Address;
import io.openneg.backend.v1.AddressesGrpc;
import io.openneg.backend.v1.CreateAddressRequest;
import io.openneg.backend.v1.DeleteAddressRequest;
import io.openneg.backend.v1.DeleteAddressResponse;
import io.openneg.backend.v1.GetAddressRequest;
import io.openneg.backend.v1.ListAddressesRequest;
import io.openneg.backend.v1.ListAddressesResponse;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;

/** The API of addresses. */
@GrpcService
public class AddressesGrpcService extends AddressesGrpc.AddressesImplBase {
  private final Addresses addresses;

  @Inject
  AddressesGrpcService(Addresses addresses) {
    this.addresses = addresses;
  }

  @Override
  public void createAddress(CreateAddressRequest request, StreamObserver<Address> reply) {
    Replies.answer(
        reply,
        () ->
            addresses.create(
                request,
                request.getRequestId(),
                request.getParent(),
                request.getAddressId(),
                request.getAddress()));
  }

  @Override
  public void getAddress(GetAddressRequest request, StreamObserver<Address> reply) {
    Replies.answer(reply, () -> addresses.get(request.getName()));
  }

  @Override
  public void listAddresses(
      ListAddressesRequest request, StreamObserver<ListAddressesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              addresses.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListAddressesResponse.newBuilder()
              .addAllAddresses(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void deleteAddress(
      DeleteAddressRequest request, StreamObserver<DeleteAddressResponse> reply) {
    Replies.answer(
        reply,
        () ->
            DeleteAddressResponse.newBuilder()
                .setChangeToken(
                    addresses.delete(request, request.getRequestId(), request.getName()))
                .build());
  }
}
