package io.openneg.backendservice.targetproxy;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Message;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.Mismatches;
import io.openneg.backendservice.resource.References;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.eventlog.Rejection;
import io.openneg.serviceruntime.api.Violations;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What target proxies may say (seed, compute v1). Pure. */
public final class TargetProxyRules {
  /** compute v1. */
  private static final int MAX_CERTIFICATES = 15;

  private TargetProxyRules() {}

  /** Something a proxy refers to, and the field that names it. */
  record Reference(String field, String collection, String name) {}

  /** Names of all that a proxy refers to. */
  public static <M extends Message> List<String> names(TargetProxyKind<M> kind, M proxy) {
    return references(kind, proxy).stream()
        .map(Reference::name)
        .filter(name -> !name.isEmpty())
        .distinct()
        .toList();
  }

  private static <M extends Message> List<Reference> references(TargetProxyKind<M> kind, M proxy) {
    List<Reference> found = new ArrayList<>();
    kind.find("url_map")
        .ifPresent(f -> found.add(new Reference("url_map", "urlMaps", (String) proxy.getField(f))));
    kind.find("service")
        .ifPresent(
            f ->
                found.add(new Reference("service", "backendServices", (String) proxy.getField(f))));
    kind.find("ssl_certificates")
        .ifPresent(
            f -> {
              for (int i = 0; i < proxy.getRepeatedFieldCount(f); i++) {
                found.add(
                    new Reference(
                        "ssl_certificates[%d]".formatted(i),
                        "sslCertificates",
                        (String) proxy.getRepeatedField(f, i)));
              }
            });
    return found;
  }

  /**
   * Why a proxy cannot be.
   *
   * @param name of the proxy: what it may refer to depends on its scope
   */
  static <M extends Message> Optional<Rejection> refusal(
      TargetProxyKind<M> kind, String name, M proxy, Facts facts) {
    Violations faults = new Violations();
    String at = kind.field() + ".";
    List<Reference> references = references(kind, proxy);
    Set<String> certificates = new HashSet<>();
    for (Reference reference : references) {
      boolean wellFormed =
          References.check(
              name, reference.name(), reference.collection(), at + reference.field(), faults);
      if (wellFormed && reference.collection().equals("sslCertificates")) {
        faults.check(
            certificates.add(reference.name()), at + reference.field(), "must be named once");
      }
    }
    kind.find("ssl_certificates")
        .ifPresent(
            f -> {
              int count = proxy.getRepeatedFieldCount(f);
              faults.check(
                  count >= 1 && count <= MAX_CERTIFICATES,
                  at + "ssl_certificates",
                  "must be 1..%d, are %d".formatted(MAX_CERTIFICATES, count));
            });
    kind.find("proxy_header")
        .ifPresent(
            f ->
                faults.check(
                    ((EnumValueDescriptor) proxy.getField(f)).getNumber()
                        <= ProxyHeader.PROXY_V1_VALUE,
                    at + "proxy_header",
                    "must be NONE or PROXY_V1"));
    Optional<Rejection> refused = faults.rejection();
    for (Reference reference : references) {
      refused = refused.or(() -> Refusals.missing(facts, at + reference.field(), reference.name()));
    }
    String target = at + references.getFirst().field();
    for (BackendService service : facts.services().values()) {
      refused = refused.or(() -> Mismatches.protocol(service, kind.protocols(), target));
    }
    return refused.or(() -> Mismatches.scheme(facts, target));
  }

  /** With every default filled in. */
  static <M extends Message> M complete(TargetProxyKind<M> kind, M wanted) {
    boolean open =
        kind.find("proxy_header")
            .map(f -> ((EnumValueDescriptor) wanted.getField(f)).getNumber())
            .filter(n -> n == ProxyHeader.PROXY_HEADER_UNSPECIFIED_VALUE)
            .isPresent();
    return open ? kind.with(wanted, "proxy_header", ProxyHeader.NONE.getValueDescriptor()) : wanted;
  }
}
