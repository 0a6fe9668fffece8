package io.openneg.edgeproxy.config;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes to the answers that the proxy makes by itself, see {@code LocalReplyConfig} of xDS.
 *
 * @param mappers the first one that applies counts
 */
public record LocalReplies(List<Mapper> mappers) {

  /** Changes nothing. */
  public static final LocalReplies UNCHANGED = new LocalReplies(List.of());

  public LocalReplies {
    mappers = List.copyOf(mappers);
  }

  /**
   * One rule.
   *
   * @param flags names of the flags of which one must be set; empty: any reply applies that has one
   * @param status status instead, or null
   * @param body body instead, or null
   */
  public record Mapper(Set<String> flags, @Nullable Integer status, @Nullable String body) {
    public Mapper {
      flags = Set.copyOf(flags);
    }

    boolean appliesTo(Set<ResponseFlag> set) {
      return flags.isEmpty()
          ? !set.isEmpty()
          : set.stream().anyMatch(flag -> flags.contains(flag.name()));
    }
  }

  /** An answer of the proxy itself. */
  public record Reply(int status, String body) {}

  /** The answer to give instead of {@code reply} when {@code flags} say why it is given. */
  public Reply map(Reply reply, Set<ResponseFlag> flags) {
    for (Mapper mapper : mappers) {
      if (mapper.appliesTo(flags)) {
        Integer status = mapper.status();
        String body = mapper.body();
        return new Reply(
            status == null ? reply.status() : status, body == null ? reply.body() : body);
      }
    }
    return reply;
  }
}
