package io.openneg.backendservice.apply;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.Address;
import io.openneg.backend.v1.ApplyRequest;
import io.openneg.backend.v1.ApplyResponse;
import io.openneg.backend.v1.Configuration;
import io.openneg.backend.v1.ConfigurationsGrpc;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backendservice.backendservice.KnownGroups;
import io.openneg.backendservice.resource.ResourceView;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.JointCommands;
import io.openneg.eventlog.Rehearsal;
import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The API of configurations. */
@GrpcService
public class ConfigurationsGrpcService extends ConfigurationsGrpc.ConfigurationsImplBase {
  private static final int MAX_BYTES = 1024 * 1024;

  private final Jdbi jdbi;
  private final JointCommands joint;
  private final ResourceView view;
  private final KnownGroups known;
  private final List<Kind<?>> kinds;

  @Inject
  ConfigurationsGrpcService(
      Jdbi jdbi, JointCommands joint, ResourceView view, KnownGroups known, Kinds kinds) {
    this.jdbi = jdbi;
    this.joint = joint;
    this.view = view;
    this.known = known;
    this.kinds = kinds.inOrder();
  }

  @Override
  public void apply(ApplyRequest request, StreamObserver<ApplyResponse> reply) {
    Replies.answer(reply, () -> apply(request));
  }

  private ApplyResponse apply(ApplyRequest request) throws InvalidProtocolBufferException {
    String project = request.getParent();
    ResourceName.checkProject("parent", project);
    CommandContext context =
        Requests.context(request, request.getDryRun() ? "" : request.getRequestId());
    Configuration configuration = configuration(request);
    Wanted wanted = Wanted.of(project, configuration, kinds);
    known.learn(wanted.groups());
    Set<String> streams = new HashSet<>(wanted.all());
    if (request.getPrune()) {
      jdbi.withHandle(handle -> surplus(handle, project)).values().forEach(streams::addAll);
    }
    List<String> ips = ips(configuration);
    Function<Rehearsal, byte[]> script =
        rehearsal ->
            new Application(rehearsal, wanted, kinds, Resources.timestamp(context.now()))
                .run(request.getPrune() ? surplus(rehearsal.handle(), project) : Map.of())
                .toByteArray();
    if (request.getDryRun()) {
      return ApplyResponse.parseFrom(
              joint.preview(streams, session -> view.hold(session, project, ips), context, script))
          .toBuilder()
          .clearChangeTokens()
          .build();
    }
    return ApplyResponse.parseFrom(
        joint.answer(
            streams, session -> view.hold(session, project, ips), project, context, script));
  }

  private Map<String, List<String>> surplus(Handle handle, String project) {
    Map<String, List<String>> all = new HashMap<>();
    kinds.forEach(kind -> all.put(kind.list(), kind.resources().names(handle, project)));
    return all;
  }

  private static List<String> ips(Configuration configuration) {
    return Stream.of(
            configuration.getAddressesList().stream().map(Address::getAddress),
            configuration.getForwardingRulesList().stream().map(ForwardingRule::getIpAddress))
        .flatMap(Function.identity())
        .filter(ip -> Ipv4Address.parse(ip).isPresent())
        .toList();
  }

  /**
   * @throws RejectedException INVALID_ARGUMENT when there is none, or it cannot be read
   */
  private static Configuration configuration(ApplyRequest request) {
    Violations faults = new Violations();
    switch (request.getSourceCase()) {
      case CONFIGURATION ->
          faults.check(
              request.getConfiguration().getSerializedSize() <= MAX_BYTES,
              "configuration",
              "must be at most 1 MiB");
      case DOCUMENT ->
          faults.check(
              request.getDocument().getBytes(UTF_8).length <= MAX_BYTES,
              "document",
              "must be at most 1 MiB");
      case SOURCE_NOT_SET ->
          faults.check(false, "configuration", "must be given, or else a document");
    }
    faults.orThrow();
    return request.hasDocument()
        ? ConfigurationDocument.parse(request.getDocument())
        : request.getConfiguration();
  }
}
