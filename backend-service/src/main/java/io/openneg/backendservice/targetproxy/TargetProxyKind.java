package io.openneg.backendservice.targetproxy;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.Protocol;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backendservice.resource.Mismatches;
import io.openneg.serviceruntime.api.Fingerprint;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A kind of target proxy. The four differ in which of the fields {@code url_map}, {@code service},
 * {@code ssl_certificates} and {@code proxy_header} they have, and in what their backend services
 * speak; the rest is read from their descriptors. Pure.
 *
 * @param <M> as published
 */
public final class TargetProxyKind<M extends Message> {
  public static final TargetProxyKind<TargetHttpProxy> HTTP =
      new TargetProxyKind<>(
          TargetHttpProxy.getDefaultInstance(), "target_http_proxy", Mismatches.HTTP_FAMILY);
  public static final TargetProxyKind<TargetHttpsProxy> HTTPS =
      new TargetProxyKind<>(
          TargetHttpsProxy.getDefaultInstance(), "target_https_proxy", Mismatches.HTTP_FAMILY);
  public static final TargetProxyKind<TargetTcpProxy> TCP =
      new TargetProxyKind<>(
          TargetTcpProxy.getDefaultInstance(), "target_tcp_proxy", Set.of(Protocol.TCP));

  /** Seed, compute v1: bytes go on to the endpoints in clear text, too. */
  public static final TargetProxyKind<TargetSslProxy> SSL =
      new TargetProxyKind<>(
          TargetSslProxy.getDefaultInstance(),
          "target_ssl_proxy",
          Set.of(Protocol.SSL, Protocol.TCP));

  private final M none;
  private final String field;
  private final Set<Protocol> protocols;

  private TargetProxyKind(M none, String field, Set<Protocol> protocols) {
    this.none = none;
    this.field = field;
    this.protocols = protocols;
  }

  /** What requests and errors call the proxy, such as {@code target_http_proxy}. */
  String field() {
    return field;
  }

  /** What its backend services may speak. */
  Set<Protocol> protocols() {
    return protocols;
  }

  Optional<FieldDescriptor> find(String name) {
    return Optional.ofNullable(none.getDescriptorForType().findFieldByName(name));
  }

  Object get(M proxy, String name) {
    return proxy.getField(find(name).orElseThrow());
  }

  @SuppressWarnings("unchecked") // a message's builder builds its kind
  M with(M proxy, String name, Object value) {
    return (M) proxy.toBuilder().setField(find(name).orElseThrow(), value).build();
  }

  /** As it is recorded: named by the server, and without what answers have beside it. */
  @SuppressWarnings("unchecked") // a message's builder builds its kind
  M recorded(M wanted, String name, Object id, Object creation) {
    return (M)
        wanted.toBuilder()
            .clearField(find("change_token").orElseThrow())
            .clearField(find("fingerprint").orElseThrow())
            .setField(find("name").orElseThrow(), name)
            .setField(find("id").orElseThrow(), id)
            .setField(find("creation_timestamp").orElseThrow(), creation)
            .build();
  }

  /** As it is answered. */
  @SuppressWarnings("unchecked") // a message's builder builds its kind
  public M answered(M proxy, String changeToken) {
    return (M)
        proxy.toBuilder()
            .setField(find("fingerprint").orElseThrow(), Fingerprint.of(proxy))
            .setField(find("change_token").orElseThrow(), changeToken)
            .build();
  }

  Timestamp creation(M proxy) {
    return (Timestamp) get(proxy, "creation_timestamp");
  }

  BackendEvent created(M proxy) {
    return event("created", proxy);
  }

  BackendEvent updated(M proxy) {
    return event("updated", proxy);
  }

  BackendEvent deleted() {
    FieldDescriptor event = event("deleted");
    return BackendEvent.newBuilder()
        .setField(event, BackendEvent.getDefaultInstance().getField(event))
        .build();
  }

  private BackendEvent event(String what, M proxy) {
    FieldDescriptor event = event(what);
    BackendEvent.Builder recorded = BackendEvent.newBuilder();
    Message.Builder content = recorded.newBuilderForField(event);
    content.setField(content.getDescriptorForType().findFieldByName(field), proxy);
    return recorded.setField(event, content.build()).build();
  }

  private FieldDescriptor event(String what) {
    Descriptor all = BackendEvent.getDescriptor();
    return Objects.requireNonNull(all.findFieldByName(field + "_" + what));
  }

  boolean isDeletion(BackendEvent event) {
    return event.hasField(event("deleted"));
  }

  /** The proxy that an event records; empty: it is none of these. */
  @SuppressWarnings("unchecked") // the event's field has the kind
  Optional<M> recordedBy(BackendEvent event, boolean creation) {
    FieldDescriptor of = event(creation ? "created" : "updated");
    if (!event.hasField(of)) {
      return Optional.empty();
    }
    Message content = (Message) event.getField(of);
    return Optional.of((M) content.getField(content.getDescriptorForType().findFieldByName(field)));
  }
}
