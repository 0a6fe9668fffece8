package io.openneg.backendservice.urlmap;

import io.openneg.backend.v1.HttpHeaderAction;
import io.openneg.backend.v1.HttpHeaderOption;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Which headers may be added and removed (compute v1; no proxy changes the request line). Pure. */
final class HeaderActionRules {
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

  private HeaderActionRules() {}

  static void check(HttpHeaderAction action, String at, Violations faults) {
    add(action.getRequestHeadersToAddList(), at + ".request_headers_to_add", faults);
    remove(action.getRequestHeadersToRemoveList(), at + ".request_headers_to_remove", faults);
    add(action.getResponseHeadersToAddList(), at + ".response_headers_to_add", faults);
    remove(action.getResponseHeadersToRemoveList(), at + ".response_headers_to_remove", faults);
  }

  private static void add(List<HttpHeaderOption> headers, String at, Violations faults) {
    for (int i = 0; i < headers.size(); i++) {
      String one = "%s[%d]".formatted(at, i);
      name(headers.get(i).getHeaderName(), one + ".header_name", faults);
      String value = headers.get(i).getHeaderValue();
      faults.check(
          !value.isBlank()
              && value.length() <= MAX_VALUE
              && value.chars().allMatch(c -> c >= ' ' && c < 0x7f),
          one + ".header_value",
          "must have 1..%d printable characters of ASCII".formatted(MAX_VALUE));
    }
  }

  private static void remove(List<String> names, String at, Violations faults) {
    for (int i = 0; i < names.size(); i++) {
      name(names.get(i), "%s[%d]".formatted(at, i), faults);
    }
  }

  private static void name(String name, String field, Violations faults) {
    faults.check(
        TOKEN.matcher(name).matches() && !NOT_CHANGED.contains(name.toLowerCase(Locale.ROOT)),
        field,
        "must be the name of a header other than "
            + String.join(", ", NOT_CHANGED.stream().sorted().toList()));
  }

  /** Names of methods or headers, or "*". */
  static void tokens(List<String> tokens, String at, Violations faults) {
    for (int i = 0; i < tokens.size(); i++) {
      faults.check(
          TOKEN.matcher(tokens.get(i)).matches(),
          "%s[%d]".formatted(at, i),
          "must be a name of letters, digits and '-', or '*'");
    }
  }
}
