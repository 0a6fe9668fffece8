package io.openneg.backendservice.backendservice;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.FenceNetworkEndpointGroupRequest;
import io.openneg.backend.v1.FenceNetworkEndpointGroupResponse;
import io.openneg.backend.v1.NegReferencesGrpc;
import io.openneg.backendservice.resource.NegReferenceTable;
import io.openneg.eventlog.SqlErrors;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/** The fence that makes deleting a group safe (design: a group in use cannot be deleted). */
@GrpcService
public class NegReferencesGrpcService extends NegReferencesGrpc.NegReferencesImplBase {
  private static final int ATTEMPTS = 20;

  private final Jdbi jdbi;

  @Inject
  NegReferencesGrpcService(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public void fenceNetworkEndpointGroup(
      FenceNetworkEndpointGroupRequest request,
      StreamObserver<FenceNetworkEndpointGroupResponse> reply) {
    Replies.answer(
        reply,
        () ->
            FenceNetworkEndpointGroupResponse.newBuilder()
                .addAllUsers(fence(request.getName(), request.getId()))
                .build());
  }

  private List<String> fence(String neg, long id) {
    for (int attempt = 1; ; attempt++) {
      List<String> users = jdbi.withHandle(handle -> NegReferenceTable.users(handle, neg, id));
      if (!users.isEmpty()) {
        return users;
      }
      try {
        jdbi.useTransaction(tx -> NegReferenceTable.fence(tx, neg, id));
        return List.of();
      } catch (JdbiException e) {
        // A reference was added in between; now it can be seen.
        if (!SqlErrors.isConflict(e) || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }
}
