package io.openneg.backendservice;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.openneg.backend.v1.Address;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.address.AddressDecider;
import io.openneg.backendservice.address.AddressPools;
import io.openneg.backendservice.address.Addresses;
import io.openneg.backendservice.backendservice.BackendServiceCommand;
import io.openneg.backendservice.backendservice.BackendServiceDecider;
import io.openneg.backendservice.backendservice.EndpointHealths;
import io.openneg.backendservice.backendservice.KnownGroups;
import io.openneg.backendservice.certificate.CertificateCommand;
import io.openneg.backendservice.certificate.CertificateDecider;
import io.openneg.backendservice.certificate.SealedKeys;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommands;
import io.openneg.backendservice.forwardingrule.ForwardingRuleDecider;
import io.openneg.backendservice.forwardingrule.Places;
import io.openneg.backendservice.healthcheck.HealthCheckCommand;
import io.openneg.backendservice.healthcheck.HealthCheckDecider;
import io.openneg.backendservice.resource.BackendEventCodec;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.backendservice.resource.ResourceView;
import io.openneg.backendservice.resource.Resources;
import io.openneg.backendservice.targetproxy.TargetProxies;
import io.openneg.backendservice.targetproxy.TargetProxyDecider;
import io.openneg.backendservice.targetproxy.TargetProxyKind;
import io.openneg.backendservice.urlmap.UrlMapCommand;
import io.openneg.backendservice.urlmap.UrlMapDecider;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.JointCommands;
import io.openneg.eventlog.OutboxRelay;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.catalogue.Catalogue;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.secrets.SealedSecrets;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;

/** Puts the service together. */
@Startup
@ApplicationScoped
class BackendServiceWiring {
  private static final int CACHED_PER_KIND = 1_000;

  private final Jdbi jdbi;
  private final EventStore store = new EventStore("backend.events.v1");
  private final ResourceView view = new ResourceView();
  private final BackendEventCodec codec = new BackendEventCodec();
  private final SealedKeys sealedKeys;
  private final OutboxRelay relay;
  private final Catalogue catalogue;
  private final AddressPools pools;
  private final ManagedChannel negService;
  private final ManagedChannel healthService;
  private final EndpointHealths healths;
  private final KnownGroups knownGroups;

  @Inject
  BackendServiceWiring(
      EventLogRuntime runtime,
      Catalogue catalogue,
      @ConfigProperty(name = "openneg.secrets.key-file") Optional<Path> secretsKey,
      @ConfigProperty(name = "openneg.address-pools") Optional<String> addressPools,
      @ConfigProperty(name = "openneg.neg-service") String negAddress,
      @ConfigProperty(name = "openneg.neg-deadline-ms") long negDeadlineMs,
      @ConfigProperty(name = "openneg.health-service") String healthAddress,
      @ConfigProperty(name = "openneg.health-deadline-ms") long healthDeadlineMs) {
    jdbi = runtime.jdbi();
    this.catalogue = catalogue;
    pools = AddressPools.parse(addressPools.orElse(""), catalogue);
    sealedKeys = new SealedKeys(jdbi, view, secretsKey.map(SealedSecrets::withKeyOf));
    sealedKeys.sweep();
    relay = runtime.startRelay(store, "/backend-service");
    negService =
        Grpc.newChannelBuilder("dns:///" + negAddress, InsecureChannelCredentials.create()).build();
    healthService =
        Grpc.newChannelBuilder("dns:///" + healthAddress, InsecureChannelCredentials.create())
            .build();
    healths = new EndpointHealths(healthService, Duration.ofMillis(healthDeadlineMs));
    knownGroups = new KnownGroups(jdbi, negService, Duration.ofMillis(negDeadlineMs));
    runtime.startProjector("known-groups", Set.of("neg.events.v1"), knownGroups, () -> {});
  }

  @Produces
  @Singleton
  Jdbi jdbi() {
    return jdbi;
  }

  @Produces
  @Singleton
  EventStore store() {
    return store;
  }

  @Produces
  @Singleton
  ResourceView view() {
    return view;
  }

  @Produces
  @Singleton
  EndpointHealths healths() {
    return healths;
  }

  @Produces
  @Singleton
  KnownGroups knownGroups() {
    return knownGroups;
  }

  @Produces
  @Singleton
  Resources<HealthCheck, HealthCheckCommand> healthChecks() {
    return resources(
        new HealthCheckDecider(),
        Scope.GLOBAL_OR_REGION,
        "healthChecks",
        HealthCheck.parser(),
        (m, token) -> m.toBuilder().setChangeToken(token).build());
  }

  @Produces
  @Singleton
  Resources<BackendService, BackendServiceCommand> backendServices() {
    return resources(
        new BackendServiceDecider(catalogue),
        Scope.GLOBAL_OR_REGION,
        "backendServices",
        BackendService.parser(),
        (m, token) ->
            m.toBuilder().setFingerprint(Fingerprint.of(m)).setChangeToken(token).build());
  }

  @Produces
  @Singleton
  Resources<UrlMap, UrlMapCommand> urlMaps() {
    return resources(
        new UrlMapDecider(),
        Scope.GLOBAL_OR_REGION,
        "urlMaps",
        UrlMap.parser(),
        (m, token) ->
            m.toBuilder().setFingerprint(Fingerprint.of(m)).setChangeToken(token).build());
  }

  @Produces
  @Singleton
  TargetProxies<TargetHttpProxy> targetHttpProxies() {
    return proxies(
        TargetProxyKind.HTTP,
        Scope.GLOBAL_OR_REGION,
        "targetHttpProxies",
        TargetHttpProxy.parser());
  }

  @Produces
  @Singleton
  TargetProxies<TargetHttpsProxy> targetHttpsProxies() {
    return proxies(
        TargetProxyKind.HTTPS,
        Scope.GLOBAL_OR_REGION,
        "targetHttpsProxies",
        TargetHttpsProxy.parser());
  }

  @Produces
  @Singleton
  TargetProxies<TargetTcpProxy> targetTcpProxies() {
    return proxies(
        TargetProxyKind.TCP, Scope.GLOBAL_OR_REGION, "targetTcpProxies", TargetTcpProxy.parser());
  }

  @Produces
  @Singleton
  TargetProxies<TargetSslProxy> targetSslProxies() {
    return proxies(TargetProxyKind.SSL, Scope.GLOBAL, "targetSslProxies", TargetSslProxy.parser());
  }

  @Produces
  @Singleton
  Resources<SslCertificate, CertificateCommand> sslCertificates() {
    return resources(
        new CertificateDecider(),
        Scope.GLOBAL_OR_REGION,
        "sslCertificates",
        SslCertificate.parser(),
        (m, token) -> m.toBuilder().setChangeToken(token).build());
  }

  @Produces
  @Singleton
  Addresses addresses() {
    return new Addresses(
        resources(
            new AddressDecider(),
            Scope.GLOBAL_OR_REGION,
            "addresses",
            Address.parser(),
            (m, token) -> m.toBuilder().setChangeToken(token).build()),
        pools);
  }

  @Produces
  @Singleton
  SealedKeys sealedKeys() {
    return sealedKeys;
  }

  @Produces
  @Singleton
  ForwardingRuleCommands forwardingRules() {
    return new ForwardingRuleCommands(
        resources(
            new ForwardingRuleDecider(),
            Scope.GLOBAL_OR_REGION,
            "forwardingRules",
            ForwardingRule.parser(),
            (m, token) -> m.toBuilder().setChangeToken(token).build()),
        new Places(view, pools));
  }

  @Produces
  @Singleton
  JointCommands jointCommands() {
    return new JointCommands(jdbi, store, relay::wake);
  }

  private <M extends Message> TargetProxies<M> proxies(
      TargetProxyKind<M> kind, Scope scope, String collection, Parser<M> parser) {
    return new TargetProxies<>(
        kind, resources(new TargetProxyDecider<>(kind), scope, collection, parser, kind::answered));
  }

  private <M extends Message, C> Resources<M, C> resources(
      Decider<ResourceState<M>, C, BackendEvent> decider,
      Scope scope,
      String collection,
      Parser<M> parser,
      BiFunction<M, String, M> withToken) {
    var runner =
        new CommandRunner<>(jdbi, store, decider, codec, view, relay::wake, CACHED_PER_KIND);
    return new Resources<>(jdbi, view, runner, catalogue, scope, collection, parser, withToken);
  }

  @PreDestroy
  void close() {
    negService.shutdownNow();
    healthService.shutdownNow();
  }
}
