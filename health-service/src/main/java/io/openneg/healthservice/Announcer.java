package io.openneg.healthservice;

import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.Outcome;
import io.openneg.eventlog.SqlErrors;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.shard.FencedException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes transitions to the log, many targets in one transaction. */
final class Announcer {
  private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

  /** Targets per transaction: the first of a mass flip do not wait for the last. */
  private static final int GROUP = 1_000;

  private final CommandRunner<HealthState, EndpointHealthCommand, EndpointHealthEvent> runner;

  Announcer(CommandRunner<HealthState, EndpointHealthCommand, EndpointHealthEvent> runner) {
    this.runner = runner;
  }

  /**
   * Announces; what holds already is not announced again.
   *
   * @param commands at most one for each target
   * @param announced told the target's verdict after each command, once that is durable
   * @throws FencedException when some are another replica's to announce; of their group none was
   * @throws RuntimeException when the database is away; commands not told of are to be tried again
   */
  void announce(
      List<? extends EndpointHealthCommand> commands,
      BiConsumer<EndpointHealthCommand, HealthState> announced) {
    for (int from = 0; from < commands.size(); from += GROUP) {
      List<? extends EndpointHealthCommand> group =
          commands.subList(from, Math.min(commands.size(), from + GROUP));
      try {
        run(group, announced);
      } catch (RuntimeException e) {
        if (SqlErrors.isTransient(e) || e instanceof FencedException) {
          throw e;
        }
        // One stream that is at fault must not hold up the others.
        LOG.warn("announcing {} verdicts one by one: {}", group.size(), e.toString());
        group.forEach(command -> runAlone(command, announced));
      }
    }
  }

  private void runAlone(
      EndpointHealthCommand command, BiConsumer<EndpointHealthCommand, HealthState> announced) {
    try {
      run(List.of(command), announced);
    } catch (RuntimeException e) {
      if (SqlErrors.isTransient(e) || e instanceof FencedException) {
        throw e;
      }
      LOG.error("cannot announce the verdict on {}", command.target().stream(), e);
    }
  }

  private void run(
      List<? extends EndpointHealthCommand> commands,
      BiConsumer<EndpointHealthCommand, HealthState> announced) {
    Map<String, EndpointHealthCommand> byStream = new LinkedHashMap<>();
    commands.forEach(command -> byStream.put(command.target().stream(), command));
    Map<String, Outcome<HealthState>> outcomes =
        runner.runAll(
            byStream, CommandContext.internal(Instant.now(), "health-service", "probing"));
    byStream.forEach(
        (stream, command) -> {
          Outcome<HealthState> outcome = outcomes.get(stream);
          if (outcome != null) {
            announced.accept(command, outcome.orThrow().state());
          }
        });
  }
}
