package io.openneg.healthservice.probe;

/** Text of strangers for people to read: short, on one line, without control characters. */
final class Quote {
  private static final int LIMIT = 80;

  private Quote() {}

  static String of(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .limit(LIMIT)
        .forEach(c -> quoted.append(c < ' ' || c == 0x7f || c == '"' ? '.' : (char) c));
    return quoted.append(text.length() > LIMIT ? "…\"" : "\"").toString();
  }
}
