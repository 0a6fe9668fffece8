package io.openneg.backendservice.resource;

import io.openneg.serviceruntime.api.Violations;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Which headers proxies may change (compute v1; no proxy changes the request line). Pure. */
public final class HeaderFields {
  private static final int MAX_VALUE = 1024;
  // RFC 9110, 5.6.2.
  private static final Pattern TOKEN = Pattern.compile("[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,255}");

  /** They say where a message goes and where it ends, which is the proxy's to say. */
  private static final Set<String> NOT_CHANGED =
      Set.of(
          "host",
          "connection",
          "content-length",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private HeaderFields() {}

  /** Whether it is a name of a header at all. */
  public static boolean isToken(String name) {
    return TOKEN.matcher(name).matches();
  }

  /** Notes a fault unless it is the name of a header that may be changed. */
  public static void name(String name, String field, Violations faults) {
    faults.check(
        isToken(name) && !NOT_CHANGED.contains(name.toLowerCase(Locale.ROOT)),
        field,
        "must be the name of a header other than "
            + String.join(", ", NOT_CHANGED.stream().sorted().toList()));
  }

  /** Notes a fault unless it can be the value of a header. */
  public static void value(String value, String field, Violations faults) {
    faults.check(
        !value.isBlank()
            && value.length() <= MAX_VALUE
            && value.chars().allMatch(c -> c >= ' ' && c < 0x7f),
        field,
        "must have 1..%d printable characters of ASCII".formatted(MAX_VALUE));
  }
}
