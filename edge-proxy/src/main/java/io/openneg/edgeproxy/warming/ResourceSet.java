package io.openneg.edgeproxy.warming;

import com.google.protobuf.Any;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.decode.Decoded;
import io.openneg.edgeproxy.decode.Decoder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The accepted resources of one type. A rejected resource leaves its previous version in place and
 * spoils no other one. Not thread-safe.
 *
 * @param <T> the configuration they are decoded to
 */
public final class ResourceSet<T> {

  private final Decoder<T> decoder;
  private final Map<String, Entry<T>> entries = new TreeMap<>();
  private final Map<String, T> configs = new TreeMap<>();
  private final Map<String, String> rejections = new TreeMap<>();
  private boolean answered;

  /** A resource as it came. */
  public record Sent(String version, Any body) {}

  /**
   * An accepted resource.
   *
   * @param version its own, or that of the response it came with
   * @param raw as it came
   */
  public record Entry<T>(String name, String version, Any raw, T config) {}

  public ResourceSet(Decoder<T> decoder) {
    this.decoder = decoder;
  }

  /**
   * Takes over what was sent.
   *
   * @param resources by their bodies, with the version of each
   * @param removed names of what is gone
   * @param whole whether a resource of a wildcard type is gone that is not among them
   * @param wanted the names that are subscribed to; others are passed over
   * @param check an objection to a configuration that decoding cannot know, or null
   * @return the reasons why resources were rejected; empty: all were accepted
   */
  public List<String> apply(
      List<Sent> resources,
      Collection<String> removed,
      boolean whole,
      Predicate<String> wanted,
      Function<T, @Nullable String> check) {
    answered = true;
    Map<Any, Entry<T>> unchanged = new HashMap<>();
    entries.values().forEach(entry -> unchanged.put(entry.raw(), entry));
    Map<String, String> rejected = new TreeMap<>();
    List<String> nameless = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Sent sent : resources) {
      Any raw = sent.body();
      Decoded<T> decoded = decode(raw, unchanged.get(raw), check);
      if (!decoded.name().isEmpty() && !wanted.test(decoded.name())) {
        continue;
      }
      boolean twice = !decoded.name().isEmpty() && !seen.add(decoded.name());
      if (twice) {
        rejected.put(
            decoded.name(),
            "%s \"%s\": is there twice".formatted(decoder.type().label(), decoded.name()));
        continue;
      }
      switch (decoded) {
        case Decoded.Accepted<T>(String name, T config) -> {
          Entry<T> same = unchanged.get(raw);
          entries.put(name, same != null ? same : new Entry<>(name, sent.version(), raw, config));
        }
        case Decoded.Rejected<T>(String name, String reason) when name.isEmpty() ->
            nameless.add(reason);
        case Decoded.Rejected<T>(String name, String reason) -> rejected.put(name, reason);
      }
    }
    entries.keySet().removeAll(removed);
    rejections.keySet().removeAll(removed);
    if (whole && decoder.type().wildcard()) {
      rejections.clear();
      // A resource whose name cannot be read may be any that seems to be gone.
      if (nameless.isEmpty()) {
        entries.keySet().retainAll(seen);
      }
    } else {
      rejections.keySet().removeAll(seen);
    }
    rejections.putAll(rejected);
    refresh();
    List<String> reasons = new ArrayList<>(rejected.values());
    reasons.addAll(nameless);
    return reasons;
  }

  private Decoded<T> decode(Any raw, @Nullable Entry<T> same, Function<T, @Nullable String> check) {
    Decoded<T> decoded =
        same != null ? new Decoded.Accepted<>(same.name(), same.config()) : decoder.decode(raw);
    if (decoded instanceof Decoded.Accepted<T>(String name, T config)) {
      String objection = check.apply(config);
      if (objection != null) {
        return new Decoded.Rejected<>(
            name, "%s \"%s\": %s".formatted(decoder.type().label(), name, objection));
      }
    }
    return decoded;
  }

  /** Forgets what is no longer subscribed to. */
  public void retain(Set<String> names) {
    entries.keySet().retainAll(names);
    rejections.keySet().retainAll(names);
    refresh();
  }

  private void refresh() {
    configs.clear();
    entries.forEach((name, entry) -> configs.put(name, entry.config()));
  }

  public ResourceType type() {
    return decoder.type();
  }

  /** Whether there ever was a response. */
  public boolean answered() {
    return answered;
  }

  /** The accepted configurations by name; a view. */
  public Map<String, T> configs() {
    return Collections.unmodifiableMap(configs);
  }

  /** The accepted resources by name; a view. */
  public Map<String, Entry<T>> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Why the newest version of a resource was rejected, by name; a view. */
  public Map<String, String> rejections() {
    return Collections.unmodifiableMap(rejections);
  }
}
