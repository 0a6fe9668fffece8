package io.openneg.negservice;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.OutboxRelay;
import io.openneg.neg.v1.Instance;
import io.openneg.negservice.deletion.GroupDeletion;
import io.openneg.negservice.deletion.GroupDeletions;
import io.openneg.negservice.deletion.GroupFence;
import io.openneg.negservice.inventory.instance.InstanceCommand;
import io.openneg.negservice.inventory.instance.InstanceDecider;
import io.openneg.negservice.inventory.instancegroup.DeletableInstanceGroups;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupDecider;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupState;
import io.openneg.negservice.inventory.network.NetworkDecider;
import io.openneg.negservice.inventory.network.Networks;
import io.openneg.negservice.inventory.resource.InventoryEventCodec;
import io.openneg.negservice.inventory.resource.InventoryView;
import io.openneg.negservice.inventory.resource.ResourceState;
import io.openneg.negservice.neg.DeletableNegs;
import io.openneg.negservice.neg.NegCommand;
import io.openneg.negservice.neg.NegDecider;
import io.openneg.negservice.neg.NegEvent;
import io.openneg.negservice.neg.NegEventCodec;
import io.openneg.negservice.neg.NegHealth;
import io.openneg.negservice.neg.NegQueries;
import io.openneg.negservice.neg.NegSettings;
import io.openneg.negservice.neg.NegView;
import io.openneg.negservice.neg.NetworkEndpointGroup;
import io.openneg.serviceruntime.catalogue.Catalogue;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;

/** Puts the service together. */
@Startup
@ApplicationScoped
class NegServiceWiring {
  private static final String TOPIC = "neg.events.v1";
  private static final long CACHED_NETWORKS = 1_000;
  private static final long CACHED_INSTANCES = 10_000;
  private static final long CACHED_MEMBERS = 100_000;

  private final EventStore store = new EventStore(TOPIC);
  private final NegView view = new NegView();
  private final InventoryView inventory = new InventoryView();
  private final InventoryEventCodec codec = new InventoryEventCodec();
  private final Jdbi jdbi;
  private final OutboxRelay relay;
  private final Networks networks;
  private final CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner;
  private final ManagedChannel backendService;
  private final ManagedChannel healthService;
  private final CommandRunner<InstanceGroupState, InstanceGroupCommand, io.openneg.neg.v1.NegEvent>
      instanceGroups;
  private final GroupDeletion negDeletion;
  private final GroupDeletion instanceGroupDeletion;
  private final GroupDeletions deletions;
  private final NegSettings settings;
  private final NegQueries queries;

  @Inject
  NegServiceWiring(
      EventLogRuntime runtime,
      @ConfigProperty(name = "openneg.lab-addresses") boolean labAddresses,
      Catalogue catalogue,
      @ConfigProperty(name = "openneg.negs-per-project") int groupsPerProject,
      @ConfigProperty(name = "openneg.cached-endpoints") long cachedEndpoints,
      @ConfigProperty(name = "openneg.backend-service") String backendAddress,
      @ConfigProperty(name = "openneg.fence-deadline-ms") long fenceDeadlineMs,
      @ConfigProperty(name = "openneg.health-service") String healthAddress,
      @ConfigProperty(name = "openneg.health-deadline-ms") long healthDeadlineMs) {
    settings = new NegSettings(labAddresses, groupsPerProject);
    jdbi = runtime.jdbi();
    healthService = channel(healthAddress);
    queries =
        new NegQueries(
            jdbi, store, view, new NegHealth(healthService, Duration.ofMillis(healthDeadlineMs)));
    relay = runtime.startRelay(store, "/neg-service");
    runner =
        new CommandRunner<>(
            jdbi, store, new NegDecider(), new NegEventCodec(), view, relay::wake, cachedEndpoints);
    networks =
        new Networks(
            jdbi, inventoryRunner(new NetworkDecider(), CACHED_NETWORKS), catalogue, labAddresses);
    networks.completeAutomatic();
    backendService = channel(backendAddress);
    instanceGroups = inventoryRunner(new InstanceGroupDecider(), CACHED_MEMBERS);
    GroupFence fence = new GroupFence(backendService, Duration.ofMillis(fenceDeadlineMs));
    negDeletion = new GroupDeletion(jdbi, store, fence, new DeletableNegs(jdbi, view, runner));
    instanceGroupDeletion =
        new GroupDeletion(jdbi, store, fence, new DeletableInstanceGroups(jdbi, instanceGroups));
    deletions = new GroupDeletions(List.of(negDeletion, instanceGroupDeletion));
    deletions.start();
  }

  private static ManagedChannel channel(String address) {
    return Grpc.newChannelBuilder("dns:///" + address, InsecureChannelCredentials.create()).build();
  }

  private <S, C> CommandRunner<S, C, io.openneg.neg.v1.NegEvent> inventoryRunner(
      Decider<S, C, io.openneg.neg.v1.NegEvent> decider, long cached) {
    return new CommandRunner<>(jdbi, store, decider, codec, inventory, relay::wake, cached);
  }

  @Produces
  @Singleton
  Networks networks() {
    return networks;
  }

  @Produces
  @Singleton
  CommandRunner<ResourceState<Instance>, InstanceCommand, io.openneg.neg.v1.NegEvent> instances() {
    return inventoryRunner(new InstanceDecider(), CACHED_INSTANCES);
  }

  @Produces
  @Singleton
  CommandRunner<InstanceGroupState, InstanceGroupCommand, io.openneg.neg.v1.NegEvent> groups() {
    return instanceGroups;
  }

  @Produces
  @Singleton
  EventStore store() {
    return store;
  }

  @Produces
  @Singleton
  NegView view() {
    return view;
  }

  @Produces
  @Singleton
  NegQueries queries() {
    return queries;
  }

  @Produces
  @Singleton
  CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner() {
    return runner;
  }

  @Produces
  @Singleton
  @Named("negs")
  GroupDeletion negDeletion() {
    return negDeletion;
  }

  @Produces
  @Singleton
  @Named("instanceGroups")
  GroupDeletion instanceGroupDeletion() {
    return instanceGroupDeletion;
  }

  @Produces
  @Singleton
  GroupDeletions deletions() {
    return deletions;
  }

  @Produces
  @Singleton
  NegSettings settings() {
    return settings;
  }

  @PreDestroy
  void close() {
    // First, so that no question holds up the end.
    backendService.shutdownNow();
    healthService.shutdownNow();
    deletions.close();
  }
}
