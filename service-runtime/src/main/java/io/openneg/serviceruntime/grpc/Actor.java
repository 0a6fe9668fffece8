package io.openneg.serviceruntime.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Who calls, as the caller says in the header {@code openneg-actor}; {@code anonymous} otherwise.
 */
@ApplicationScoped
@GlobalInterceptor
public class Actor implements ServerInterceptor {
  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("openneg-actor", Metadata.ASCII_STRING_MARSHALLER);
  private static final String ANONYMOUS = "anonymous";
  private static final int MAX_LENGTH = 256;
  private static final Context.Key<String> CURRENT = Context.keyWithDefault("actor", ANONYMOUS);

  /** The actor of the call being handled. */
  public static String current() {
    String actor = CURRENT.get();
    return actor == null ? ANONYMOUS : actor;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String actor = headers.get(HEADER);
    if (actor == null || actor.isBlank()) {
      return next.startCall(call, headers);
    }
    String known = actor.length() > MAX_LENGTH ? actor.substring(0, MAX_LENGTH) : actor;
    return Contexts.interceptCall(Context.current().withValue(CURRENT, known), call, headers, next);
  }
}
