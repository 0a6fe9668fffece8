package io.openneg.negservice.neg;

import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegCommand.ConcludeDeletion;
import io.openneg.negservice.neg.NegCommand.CreateNeg;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The rules once more, as plainly as can be: mutable, by strings, without reasons. */
final class NaiveGroup {
  private static final int LIMIT = 10_000;

  /** By {@code ip:port}, the rest as text. */
  final Map<String, String> members = new HashMap<>();

  boolean exists;
  boolean deleting;

  /** Those of the last accepted command that were left out. */
  List<Integer> leftOut = List.of();

  private boolean hasDefaultPort;

  /** Whether the command is accepted. */
  boolean run(NegCommand command) {
    leftOut = List.of();
    return switch (command) {
      case CreateNeg create -> {
        if (exists) {
          yield false;
        }
        exists = true;
        hasDefaultPort = create.defaultPort().isPresent();
        yield true;
      }
      case AttachEndpoints attach ->
          isOpen()
              && isSized(attach.endpoints(), 1)
              && change(
                  withPrimary(attach.endpoints()),
                  attach.badEndpoint(),
                  e -> isPlaceable(e) && !members.containsKey(key(e)) && members.size() < LIMIT,
                  e -> members.put(key(e), rest(e)));
      case DetachEndpoints detach ->
          isOpen()
              && isSized(detach.endpoints(), 1)
              && change(
                  detach.endpoints(),
                  detach.badEndpoint(),
                  e -> members.containsKey(key(e)),
                  e -> members.remove(key(e)));
      case SetEndpoints set -> {
        if (!isOpen() || !isSized(set.endpoints(), 0)) {
          yield false;
        }
        Map<String, String> before = Map.copyOf(members);
        members.clear();
        boolean accepted =
            change(
                withPrimary(set.endpoints()),
                set.badEndpoint(),
                this::isPlaceable,
                e -> members.put(key(e), rest(e)));
        if (!accepted || !leftOut.isEmpty()) {
          members.clear();
          members.putAll(before);
        }
        yield accepted;
      }
      case StartDeletion _ -> {
        deleting = exists;
        yield exists;
      }
      case ConcludeDeletion conclude -> {
        if (deleting && conclude.users().isEmpty()) {
          exists = false;
          members.clear();
        }
        deleting = false;
        yield true;
      }
    };
  }

  private interface Step {
    void take(EndpointRequest endpoint);
  }

  /** One after the other; when a bad one refuses the call, everything is put back. */
  private boolean change(
      List<EndpointRequest> endpoints,
      BadEndpoint badEndpoint,
      Predicate<EndpointRequest> rule,
      Step step) {
    Map<String, String> before = Map.copyOf(members);
    Set<String> seen = new HashSet<>();
    List<Integer> bad = new ArrayList<>();
    for (int i = 0; i < endpoints.size(); i++) {
      EndpointRequest endpoint = endpoints.get(i);
      boolean first = !isAddress(endpoint) || seen.add(key(endpoint));
      if (isAddress(endpoint) && first && rule.test(endpoint)) {
        step.take(endpoint);
      } else {
        bad.add(i);
      }
    }
    if (!bad.isEmpty() && badEndpoint == BadEndpoint.REFUSES) {
      members.clear();
      members.putAll(before);
      return false;
    }
    leftOut = bad;
    return true;
  }

  /** Without an address it is the instance's primary one. */
  private static List<EndpointRequest> withPrimary(List<EndpointRequest> endpoints) {
    return endpoints.stream()
        .map(
            e ->
                e.ipAddress().isEmpty() && e.instance().equals("vm-1")
                    ? new EndpointRequest(e.instance(), "10.0.0.1", e.port(), e.annotations())
                    : e)
        .toList();
  }

  private boolean isOpen() {
    return exists && !deleting;
  }

  private static boolean isSized(List<EndpointRequest> endpoints, int min) {
    return endpoints.size() >= min && endpoints.size() <= LIMIT;
  }

  private boolean isAddress(EndpointRequest endpoint) {
    return endpoint.ipAddress().split("\\.", -1).length == 4
        && (endpoint.port().isPresent() ? endpoint.port().getAsInt() > 0 : hasDefaultPort);
  }

  private boolean isPlaceable(EndpointRequest endpoint) {
    return endpoint.instance().equals("vm-1") && !endpoint.ipAddress().startsWith("8.");
  }

  private static String key(EndpointRequest endpoint) {
    return endpoint.ipAddress() + ":" + endpoint.port().orElse(8080);
  }

  private static String rest(EndpointRequest endpoint) {
    return endpoint.instance() + endpoint.annotations();
  }
}
