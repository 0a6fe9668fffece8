package io.openneg.negservice.deletion;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.openneg.backend.v1.FenceGroupRequest;
import io.openneg.backend.v1.GroupReferencesGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks backend-service whether a group may go. Thread-safe. */
public final class GroupFence {
  private final ManagedChannel backendService;
  private final Duration deadline;

  /**
   * @param deadline of a question; a backend-service that restarts meanwhile is waited for
   */
  public GroupFence(ManagedChannel backendService, Duration deadline) {
    this.backendService = backendService;
    this.deadline = deadline;
  }

  /**
   * Fences a group off from new users unless it has users. Idempotent; a fence is never lifted.
   *
   * @param id of the group, so that another one of that name is not fenced
   * @return full resource names of its users; empty: it has none, and gets none from now on
   * @throws StatusRuntimeException when there is no answer, whatever became of the question
   */
  List<String> users(String name, long id) {
    // Else a connection that failed often is not tried again for up to two minutes.
    backendService.resetConnectBackoff();
    return GroupReferencesGrpc.newBlockingStub(backendService)
        .withWaitForReady()
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .fenceGroup(FenceGroupRequest.newBuilder().setName(name).setId(id).build())
        .getUsersList();
  }
}
