package io.openneg.proxyconfigservice.explain;

import io.openneg.proxyconfig.v1.ExplainRequestRequest;
import io.openneg.proxyconfigservice.history.Moment;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.urlmap.RequestHead;
import io.openneg.urlmap.RequestHead.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A request that is to be explained.
 *
 * @param node id of the proxy that it comes to; empty: any
 * @param moment of the routing table
 * @param past whether that is one of the past
 */
record RequestQuestion(
    RequestHead head, Entrance entrance, String node, Moment moment, boolean past) {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final int HTTP_PORT = 80;

  /**
   * @throws io.openneg.eventlog.RejectedException INVALID_ARGUMENT
   */
  static RequestQuestion of(ExplainRequestRequest request) {
    boolean past = request.getRevision() != 0 || request.hasAt();
    check(request, past);
    List<Header> headers = new ArrayList<>();
    if (!request.getMethod().isEmpty()) {
      headers.add(new Header(":method", request.getMethod()));
    }
    request
        .getHeadersList()
        .forEach(header -> headers.add(new Header(header.getName(), header.getValue())));
    RequestHead head = RequestHead.of(request.getHost(), request.getPath(), headers);
    int port =
        request.getPort() != 0 ? request.getPort() : head.port() > 0 ? head.port() : HTTP_PORT;
    return new RequestQuestion(
        head,
        new Entrance(request.getForwardingRule(), port),
        request.getNodeId(),
        new Moment(
            request.getRevision(), "revision", request.hasAt() ? request.getAt() : null, "at"),
        past);
  }

  private static void check(ExplainRequestRequest request, boolean past) {
    Violations violations = new Violations();
    violations.check(!request.getHost().isEmpty(), "host", "must be given");
    violations.check(request.getPath().startsWith("/"), "path", "must begin with '/'");
    violations.check(
        request.getMethod().isEmpty() || TOKEN.matcher(request.getMethod()).matches(),
        "method",
        "must be an HTTP method, such as GET");
    for (int i = 0; i < request.getHeadersCount(); i++) {
      violations.check(
          TOKEN.matcher(request.getHeaders(i).getName()).matches(),
          "headers[%d].name".formatted(i),
          "must be the name of a header; method, host and path have fields of their own");
    }
    if (request.getPort() != 0) {
      violations.range(request.getPort(), 1, 65_535, "port");
      violations.check(
          request.getForwardingRule().isEmpty(), "port", "must not be given with forwarding_rule");
    }
    violations.check(
        !past || request.getNodeId().isEmpty(),
        "node_id",
        "must not be given with revision or at: what proxies had acknowledged then is not recorded");
    violations.orThrow();
  }
}
