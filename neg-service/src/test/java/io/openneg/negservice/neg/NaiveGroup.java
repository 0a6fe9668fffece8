package io.openneg.negservice.neg;

import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.ConcludeDeletion;
import io.openneg.negservice.neg.NegCommand.CreateNeg;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The rules once more, as plainly as can be: mutable, by strings, without reasons. */
final class NaiveGroup {
  private static final Set<String> ADDRESSES = Set.of("10.0.0.1", "10.0.0.2", "192.168.0.3");

  Set<String> members = new HashSet<>();
  boolean exists;
  boolean deleting;
  private boolean hasDefaultPort;

  /** Whether the command is accepted. */
  boolean run(NegCommand command) {
    return switch (command) {
      case CreateNeg create -> {
        if (exists) {
          yield false;
        }
        exists = true;
        hasDefaultPort = create.defaultPort().isPresent();
        yield true;
      }
      case AttachEndpoints attach -> {
        Set<String> wanted = keys(attach.endpoints());
        boolean good =
            attach.endpoints().stream()
                .allMatch(e -> e.instance().equals("vm-1") && ADDRESSES.contains(e.ipAddress()));
        if (!isOpen() || wanted == null || !good || wanted.stream().anyMatch(members::contains)) {
          yield false;
        }
        members.addAll(wanted);
        yield true;
      }
      case DetachEndpoints detach -> {
        Set<String> wanted = keys(detach.endpoints());
        if (!isOpen() || wanted == null || !members.containsAll(wanted)) {
          yield false;
        }
        members.removeAll(wanted);
        yield true;
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

  private boolean isOpen() {
    return exists && !deleting;
  }

  /** Null when one has no good port or is named twice, or there are none. */
  private @org.jspecify.annotations.Nullable Set<String> keys(List<EndpointRequest> endpoints) {
    Set<String> keys = new HashSet<>();
    for (EndpointRequest endpoint : endpoints) {
      if (endpoint.port().isEmpty() && !hasDefaultPort) {
        return null;
      }
      int port = endpoint.port().orElse(8080);
      if (port < 1 || !keys.add(endpoint.ipAddress() + ":" + port)) {
        return null;
      }
    }
    return keys.isEmpty() ? null : keys;
  }
}
