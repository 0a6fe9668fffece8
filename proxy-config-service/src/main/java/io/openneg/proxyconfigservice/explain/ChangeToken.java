package io.openneg.proxyconfigservice.explain;

import java.util.Optional;

/**
 * What a write answers with: the change is in everything that reflects this stream up to this
 * version.
 */
public record ChangeToken(String stream, long version) {

  /** Reads "{stream}@{version}"; empty when it is not that. */
  public static Optional<ChangeToken> parse(String text) {
    int at = text.lastIndexOf('@');
    if (at <= 0 || !text.substring(at + 1).matches("[1-9][0-9]{0,17}")) {
      return Optional.empty();
    }
    return Optional.of(
        new ChangeToken(text.substring(0, at), Long.parseLong(text.substring(at + 1))));
  }

  @Override
  public String toString() {
    return stream + "@" + version;
  }
}
