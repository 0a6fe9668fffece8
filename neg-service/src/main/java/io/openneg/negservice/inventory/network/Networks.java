package io.openneg.negservice.inventory.network;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Timestamp;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.Outcome.Done;
import io.openneg.eventlog.SqlArrays;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.Network;
import io.openneg.negservice.inventory.network.NetworkCommand.Automatic;
import io.openneg.negservice.inventory.network.NetworkCommand.CompleteAutomatic;
import io.openneg.negservice.inventory.network.NetworkCommand.Create;
import io.openneg.negservice.inventory.network.NetworkCommand.EnsureDefault;
import io.openneg.negservice.inventory.network.NetworkState.Mode;
import io.openneg.negservice.inventory.resource.Contents;
import io.openneg.negservice.inventory.resource.FactLocks;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.WireTime;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.sql.Types;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Runs the commands of networks, and sees to what must exist without a command. Thread-safe. */
public final class Networks {
  private static final String ACTOR = "neg-service";

  private final Jdbi jdbi;
  private final CommandRunner<NetworkState, NetworkCommand, NegEvent> runner;
  private final Catalogue catalogue;
  private final boolean lab;
  // Of this process, to spare a look at the log. A default network once there was is not made
  // again.
  private final Set<String> projectsSeen = ConcurrentHashMap.newKeySet();

  /**
   * @param lab whether loopback ranges are accepted beside RFC 1918
   */
  public Networks(
      Jdbi jdbi,
      CommandRunner<NetworkState, NetworkCommand, NegEvent> runner,
      Catalogue catalogue,
      boolean lab) {
    this.jdbi = jdbi;
    this.runner = runner;
    this.catalogue = catalogue;
    this.lab = lab;
  }

  /** The network that a project has without anybody creating it. */
  public static String defaultOf(String project) {
    return "projects/%s/global/networks/default".formatted(project);
  }

  /**
   * Creates a project's network {@code default}, in auto mode, unless it exists or was deleted. A
   * command of its own: whatever becomes of the request it is for, the project has its network.
   */
  public void ensureDefault(String project) {
    if (projectsSeen.contains(project)) {
      return;
    }
    String name = defaultOf(project);
    CommandContext context = CommandContext.internal(Instant.now(), ACTOR, "first use of " + name);
    runner
        .run(
            name,
            context,
            tx -> new EnsureDefault(create(tx, name, context, Network.getDefaultInstance())))
        .orThrow();
    projectsSeen.add(project);
  }

  /** Gives auto-mode networks a subnetwork in the regions that came into the catalogue since. */
  public void completeAutomatic() {
    List<String> incomplete =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT n.name FROM network n
                        JOIN subnetwork s ON s.network = n.name AND s.automatic
                        GROUP BY n.name HAVING count(*) < :regions
                        """)
                    .bind("regions", catalogue.regions().size())
                    .mapTo(String.class)
                    .list());
    for (String name : incomplete) {
      CommandContext context = CommandContext.internal(Instant.now(), ACTOR, "regions configured");
      List<Automatic> automatic = automatic(name);
      runner
          .run(
              name,
              context,
              tx ->
                  new CompleteAutomatic(
                      name, now(context), automatic, taken(tx, name, names(automatic))))
          .orThrow();
    }
  }

  Create create(Handle tx, String name, CommandContext context, Network wanted) {
    boolean auto = !wanted.hasAutoCreateSubnetworks() || wanted.getAutoCreateSubnetworks();
    List<Automatic> automatic = auto ? automatic(name) : List.of();
    return new Create(
        name,
        Contents.newId(),
        now(context),
        wanted,
        automatic,
        taken(tx, name, names(automatic)),
        lab);
  }

  private List<Automatic> automatic(String network) {
    ResourceName parsed =
        ResourceName.parse("name", network, ResourceName.Scope.GLOBAL, "networks");
    return catalogue.regions().stream()
        .map(
            region ->
                new Automatic(
                    new ResourceName(
                            parsed.project(),
                            "regions/" + region.name(),
                            "subnetworks",
                            parsed.id())
                        .toString(),
                    Contents.newId(),
                    region.range()))
        .toList();
  }

  private static List<String> names(List<Automatic> automatic) {
    return automatic.stream().map(Automatic::name).toList();
  }

  /** Which of these names subnetworks of other networks have. */
  static Set<String> taken(Handle tx, String network, List<String> names) {
    return new HashSet<>(
        tx.createQuery(
                "SELECT name FROM subnetwork WHERE name = ANY(:names) AND network <> :network")
            .bindBySqlType("names", SqlArrays.of(tx, "text", names), Types.ARRAY)
            .bind("network", network)
            .mapTo(String.class)
            .list());
  }

  /** What else is in a network beside its subnetworks: instances and endpoint groups. */
  static List<String> users(Handle tx, String network) {
    return tx.createQuery(
            """
            SELECT DISTINCT instance FROM instance_range WHERE network = :network
            UNION ALL
            SELECT name FROM neg WHERE network = :network AND network_id IS NOT NULL
            ORDER BY 1
            """)
        .bind("network", network)
        .mapTo(String.class)
        .list();
  }

  /** Nothing comes into the network from here to the end of the transaction. */
  static List<String> usersOfSubnetwork(Handle tx, String network, String subnetwork) {
    FactLocks.exclusive(tx, List.of(network));
    return tx.createQuery(
            """
            SELECT DISTINCT instance FROM instance_range WHERE subnetwork = :subnetwork
            UNION ALL SELECT name FROM neg WHERE subnetwork = :subnetwork
            ORDER BY 1
            """)
        .bind("subnetwork", subnetwork)
        .mapTo(String.class)
        .list();
  }

  /** Nothing comes into the network from here to the end of the transaction. */
  static Set<String> usedRanges(Handle tx, String network, String subnetwork) {
    FactLocks.exclusive(tx, List.of(network));
    return new HashSet<>(
        tx.createQuery(
                "SELECT DISTINCT range_name FROM instance_range WHERE subnetwork = :subnetwork")
            .bind("subnetwork", subnetwork)
            .mapTo(String.class)
            .list());
  }

  Done<NetworkState> run(
      String name, CommandContext context, Function<Handle, NetworkCommand> command) {
    return runner.run(name, context, command).orThrow();
  }

  /** The stream that a request was answered from, when it is a repeated one. */
  Optional<String> streamOf(CommandContext context) {
    var request = context.request();
    return request == null
        ? Optional.empty()
        : jdbi.withHandle(
            handle ->
                handle
                    .createQuery("SELECT stream FROM request WHERE request_id = :id")
                    .bind("id", request.id())
                    .mapTo(String.class)
                    .findOne());
  }

  static Timestamp now(CommandContext context) {
    return WireTime.timestamp(context.now());
  }

  boolean lab() {
    return lab;
  }

  /** As in answers. */
  static Network answer(NetworkState state, long version) {
    Network network = requireNonNull(state.network());
    return network.toBuilder()
        .addAllSubnetworks(state.subnetworks().keySet())
        .setChangeToken(Contents.token(network.getName(), version))
        .build();
  }

  /** Whether endpoint groups and instances can be in a network of this kind. */
  public static boolean takesEndpoints(Network network) {
    return NetworkState.mode(network) != Mode.LEGACY;
  }
}
