package io.openneg.proxyconfigservice.xds;

import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.HttpHeaderAction;
import io.openneg.backend.v1.HttpHeaderOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Header action → the fields of the same names that a weighted cluster, a route, a virtual host and
 * a route configuration have. Proxies apply them in that order, as URL maps ask for.
 */
record HeaderChanges(
    List<HeaderValueOption> requestToAdd,
    List<String> requestToRemove,
    List<HeaderValueOption> responseToAdd,
    List<String> responseToRemove) {

  /** A header's name (RFC 9110, "token"); proxies refuse a whole configuration for another one. */
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /**
   * @param dropped is told of headers that cannot be said to proxies, for people
   */
  static HeaderChanges of(HttpHeaderAction action, Consumer<String> dropped) {
    return new HeaderChanges(
        options(action.getRequestHeadersToAddList(), dropped),
        names(action.getRequestHeadersToRemoveList(), dropped),
        options(action.getResponseHeadersToAddList(), dropped),
        names(action.getResponseHeadersToRemoveList(), dropped));
  }

  /**
   * Those of a backend service itself.
   *
   * @param dropped see {@link #of(HttpHeaderAction, Consumer)}
   */
  static HeaderChanges of(BackendService service, Consumer<String> dropped) {
    HttpHeaderAction.Builder action = HttpHeaderAction.newBuilder();
    service
        .getCustomRequestHeadersList()
        .forEach(header -> action.addRequestHeadersToAdd(custom(header)));
    service
        .getCustomResponseHeadersList()
        .forEach(header -> action.addResponseHeadersToAdd(custom(header)));
    return of(action.build(), dropped);
  }

  /** From {@code "Name:value"}; without a colon a name that is none. */
  private static HttpHeaderOption custom(String header) {
    int colon = Math.max(0, header.indexOf(':'));
    return HttpHeaderOption.newBuilder()
        .setHeaderName(header.substring(0, colon))
        .setHeaderValue(header.substring(Math.min(header.length(), colon + 1)).strip())
        .setReplace(true)
        .build();
  }

  private static List<HeaderValueOption> options(
      List<HttpHeaderOption> headers, Consumer<String> dropped) {
    return headers.stream()
        .map(HeaderChanges::option)
        .filter(
            option ->
                isUsable(
                    option.getHeader().getKey(), EnvoyRules.violations(option).isEmpty(), dropped))
        .toList();
  }

  private static List<String> names(List<String> names, Consumer<String> dropped) {
    return names.stream().filter(name -> isUsable(name, true, dropped)).toList();
  }

  private static boolean isUsable(String name, boolean value, Consumer<String> dropped) {
    boolean usable = value && NAME.matcher(name).matches();
    if (!usable) {
      dropped.accept("header '%s': its name or value is none".formatted(name));
    }
    return usable;
  }

  private static HeaderValueOption option(HttpHeaderOption header) {
    return HeaderValueOption.newBuilder()
        .setHeader(
            HeaderValue.newBuilder()
                .setKey(header.getHeaderName())
                // A proxy would take "%...%" as a variable.
                .setValue(header.getHeaderValue().replace("%", "%%")))
        .setAppendAction(
            header.getReplace()
                ? HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD
                : HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD)
        .build();
  }
}
