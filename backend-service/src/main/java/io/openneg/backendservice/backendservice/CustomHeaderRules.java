package io.openneg.backendservice.backendservice;

import io.openneg.backend.v1.BackendService;
import io.openneg.backendservice.resource.HeaderFields;
import io.openneg.serviceruntime.api.Violations;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Headers that proxies set on what goes to and comes from a service (compute v1). Pure. */
final class CustomHeaderRules {
  private static final int MAX_HEADERS = 16;

  /** compute v1's, such as {client_region}; it would reach endpoints as it stands. */
  private static final Pattern VARIABLE = Pattern.compile("\\{[a-z0-9_]+}");

  private CustomHeaderRules() {}

  static void check(BackendService service, LoadBalancerType type, Violations faults) {
    check(
        service.getCustomRequestHeadersList(),
        type,
        "backend_service.custom_request_headers",
        faults);
    check(
        service.getCustomResponseHeadersList(),
        type,
        "backend_service.custom_response_headers",
        faults);
  }

  private static void check(
      List<String> headers, LoadBalancerType type, String at, Violations faults) {
    if (!faults.check(
        headers.isEmpty() || type.isHttp(),
        at,
        "must not be set: %s knows no headers".formatted(type.words()))) {
      return;
    }
    faults.check(
        headers.size() <= MAX_HEADERS,
        at,
        "must be at most %d, are %d".formatted(MAX_HEADERS, headers.size()));
    Set<String> names = new HashSet<>();
    for (int i = 0; i < headers.size(); i++) {
      String field = "%s[%d]".formatted(at, i);
      int colon = headers.get(i).indexOf(':');
      if (faults.check(colon > 0, field, "must be \"Name:value\"")) {
        String name = headers.get(i).substring(0, colon);
        String value = headers.get(i).substring(colon + 1).strip();
        HeaderFields.name(name, field, faults);
        HeaderFields.value(value, field, faults);
        faults.check(
            !VARIABLE.matcher(value).find(),
            field,
            "must not have variables such as {client_region}: values are literal");
        faults.check(names.add(name.toLowerCase(Locale.ROOT)), field, "must name each header once");
      }
    }
  }
}
