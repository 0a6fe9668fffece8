package io.openneg.backendservice.forwardingrule;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.CreateForwardingRuleRequest;
import io.openneg.backend.v1.DeleteForwardingRuleRequest;
import io.openneg.backend.v1.DeleteForwardingRuleResponse;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.ForwardingRulesGrpc;
import io.openneg.backend.v1.GetForwardingRuleRequest;
import io.openneg.backend.v1.ListForwardingRulesRequest;
import io.openneg.backend.v1.ListForwardingRulesResponse;
import io.openneg.backend.v1.SetTargetRequest;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.CommandContext;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;

/** The API of forwarding rules. */
@GrpcService
public class ForwardingRulesGrpcService extends ForwardingRulesGrpc.ForwardingRulesImplBase {
  private final ForwardingRuleCommands commands;
  private final Resources<ForwardingRule, ForwardingRuleCommand> rules;

  @Inject
  ForwardingRulesGrpcService(ForwardingRuleCommands commands) {
    this.commands = commands;
    this.rules = commands.resources();
  }

  @Override
  public void createForwardingRule(
      CreateForwardingRuleRequest request, StreamObserver<ForwardingRule> reply) {
    Replies.answer(
        reply,
        () -> {
          String name =
              rules.newName(
                  request.getParent(), "forwarding_rule_id", request.getForwardingRuleId());
          CommandContext context = Requests.context(request, request.getRequestId());
          ForwardingRule wanted =
              ForwardingRuleCommands.complete(name, request.getForwardingRule());
          long id = Resources.newId();
          return rules.run(
              name,
              context,
              tx -> commands.creation(tx, name, id, Resources.timestamp(context.now()), wanted));
        });
  }

  @Override
  public void getForwardingRule(
      GetForwardingRuleRequest request, StreamObserver<ForwardingRule> reply) {
    Replies.answer(reply, () -> rules.get(request.getName()));
  }

  @Override
  public void listForwardingRules(
      ListForwardingRulesRequest request, StreamObserver<ListForwardingRulesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              rules.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListForwardingRulesResponse.newBuilder()
              .addAllForwardingRules(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void setTarget(SetTargetRequest request, StreamObserver<ForwardingRule> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = rules.name("name", request.getName());
          return rules.run(
              name,
              Requests.context(request, request.getRequestId()),
              tx -> commands.retargeting(tx, name, request.getTarget()));
        });
  }

  @Override
  public void deleteForwardingRule(
      DeleteForwardingRuleRequest request, StreamObserver<DeleteForwardingRuleResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = rules.name("name", request.getName());
          String token =
              rules.delete(
                  name,
                  Requests.context(request, request.getRequestId()),
                  _ -> new ForwardingRuleCommand.Delete(name));
          return DeleteForwardingRuleResponse.newBuilder().setChangeToken(token).build();
        });
  }
}
