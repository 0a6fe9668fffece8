package io.openneg.backendservice.backendservice;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.FenceGroupRequest;
import io.openneg.backend.v1.FenceGroupResponse;
import io.openneg.backend.v1.GroupReferencesGrpc;
import io.openneg.backendservice.resource.GroupReferenceTable;
import io.openneg.eventlog.SqlErrors;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/** The fence that makes deleting a group safe (design: a group in use cannot be deleted). */
@GrpcService
public class GroupReferencesGrpcService extends GroupReferencesGrpc.GroupReferencesImplBase {
  private static final int ATTEMPTS = 20;

  private final Jdbi jdbi;

  @Inject
  GroupReferencesGrpcService(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public void fenceGroup(FenceGroupRequest request, StreamObserver<FenceGroupResponse> reply) {
    Replies.answer(
        reply,
        () ->
            FenceGroupResponse.newBuilder()
                .addAllUsers(fence(request.getName(), request.getId()))
                .build());
  }

  private List<String> fence(String neg, long id) {
    for (int attempt = 1; ; attempt++) {
      List<String> users = jdbi.withHandle(handle -> GroupReferenceTable.users(handle, neg, id));
      if (!users.isEmpty()) {
        return users;
      }
      try {
        jdbi.useTransaction(tx -> GroupReferenceTable.fence(tx, neg, id));
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
