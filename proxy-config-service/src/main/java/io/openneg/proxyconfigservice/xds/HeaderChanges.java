package io.openneg.proxyconfigservice.xds;

import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.openneg.backend.v1.HttpHeaderAction;
import io.openneg.backend.v1.HttpHeaderOption;
import java.util.List;

/**
 * Header action → the fields of the same names that a weighted cluster, a route, a virtual host and
 * a route configuration have. Proxies apply them in that order, as URL maps ask for.
 */
record HeaderChanges(
    List<HeaderValueOption> requestToAdd,
    List<String> requestToRemove,
    List<HeaderValueOption> responseToAdd,
    List<String> responseToRemove) {

  static HeaderChanges of(HttpHeaderAction action) {
    return new HeaderChanges(
        action.getRequestHeadersToAddList().stream().map(HeaderChanges::option).toList(),
        action.getRequestHeadersToRemoveList(),
        action.getResponseHeadersToAddList().stream().map(HeaderChanges::option).toList(),
        action.getResponseHeadersToRemoveList());
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
