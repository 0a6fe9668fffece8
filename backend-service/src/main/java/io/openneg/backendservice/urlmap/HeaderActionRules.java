package io.openneg.backendservice.urlmap;

import io.openneg.backend.v1.HttpHeaderAction;
import io.openneg.backend.v1.HttpHeaderOption;
import io.openneg.backendservice.resource.HeaderFields;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;

/** Which headers may be added and removed (compute v1; no proxy changes the request line). Pure. */
final class HeaderActionRules {
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
      HeaderFields.name(headers.get(i).getHeaderName(), one + ".header_name", faults);
      HeaderFields.value(headers.get(i).getHeaderValue(), one + ".header_value", faults);
    }
  }

  private static void remove(List<String> names, String at, Violations faults) {
    for (int i = 0; i < names.size(); i++) {
      HeaderFields.name(names.get(i), "%s[%d]".formatted(at, i), faults);
    }
  }

  /** Names of methods or headers, or "*". */
  static void tokens(List<String> tokens, String at, Violations faults) {
    for (int i = 0; i < tokens.size(); i++) {
      faults.check(
          HeaderFields.isToken(tokens.get(i)),
          "%s[%d]".formatted(at, i),
          "must be a name of letters, digits and '-', or '*'");
    }
  }
}
