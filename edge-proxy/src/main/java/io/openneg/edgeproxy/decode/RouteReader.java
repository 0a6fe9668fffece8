package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.openneg.edgeproxy.routing.PathRule;
import io.openneg.edgeproxy.routing.Route;
import io.openneg.edgeproxy.routing.RouteAction;
import io.openneg.edgeproxy.routing.RouteTable;
import io.openneg.edgeproxy.routing.VirtualHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a RouteConfiguration. */
final class RouteReader {

  private RouteReader() {}

  /** Paths in faults are relative to {@code config}. */
  static RouteTable read(RouteConfiguration config) {
    FieldCheck.check(config);
    if (config.getValidateClusters().getValue()) {
      throw new InvalidField(
          "validate_clusters",
          "not supported by this proxy: a route to an unknown cluster answers with 503");
    }
    List<VirtualHost> hosts = new ArrayList<>();
    for (int i = 0; i < config.getVirtualHostsCount(); i++) {
      hosts.add(virtualHost(config.getVirtualHosts(i), "virtual_hosts[" + i + "]"));
    }
    try {
      return new RouteTable(config.getName(), hosts, config.getIgnorePortInHostMatching());
    } catch (IllegalArgumentException e) {
      throw new InvalidField("virtual_hosts", String.valueOf(e.getMessage()));
    }
  }

  private static VirtualHost virtualHost(
      io.envoyproxy.envoy.config.route.v3.VirtualHost host, String path) {
    Fields.required(host.getName(), path + ".name");
    if (host.getDomainsCount() == 0) {
      throw new InvalidField(path + ".domains", "must not be empty");
    }
    List<String> domains = new ArrayList<>();
    for (int i = 0; i < host.getDomainsCount(); i++) {
      domains.add(domain(host.getDomains(i), path + ".domains[" + i + "]"));
    }
    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < host.getRoutesCount(); i++) {
      routes.add(route(host.getRoutes(i), host, path + ".routes[" + i + "]"));
    }
    return new VirtualHost(host.getName(), domains, routes);
  }

  private static String domain(String domain, String path) {
    int star = Fields.required(domain, path).indexOf('*');
    boolean atOneEnd = star <= 0 || star == domain.length() - 1;
    if (!atOneEnd || domain.indexOf('*', star + 1) > star) {
      throw new InvalidField(
          path, "\"" + domain + "\" may have one \"*\" only, at its beginning or its end");
    }
    return domain.toLowerCase(Locale.ROOT);
  }

  private static Route route(
      io.envoyproxy.envoy.config.route.v3.Route route,
      io.envoyproxy.envoy.config.route.v3.VirtualHost host,
      String path) {
    PathRule rule = rule(route.getMatch(), path + ".match");
    RouteAction action =
        switch (route.getActionCase()) {
          case ROUTE -> forward(route.getRoute(), host, path + ".route");
          case REDIRECT -> redirect(route.getRedirect(), path + ".redirect");
          case DIRECT_RESPONSE -> respond(route.getDirectResponse(), path + ".direct_response");
          case FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET ->
              throw new InvalidField(path, "must have route, redirect or direct_response");
        };
    return new Route(rule, action);
  }

  private static PathRule rule(RouteMatch match, String path) {
    boolean caseSensitive = !match.hasCaseSensitive() || match.getCaseSensitive().getValue();
    return switch (match.getPathSpecifierCase()) {
      case PATH -> new PathRule.Exact(match.getPath(), caseSensitive);
      case PREFIX -> new PathRule.Prefix(match.getPrefix(), caseSensitive);
      case PATH_SEPARATED_PREFIX -> {
        String prefix = match.getPathSeparatedPrefix();
        if (!prefix.startsWith("/") || prefix.endsWith("/") || prefix.matches(".*[?#].*")) {
          throw new InvalidField(
              path + ".path_separated_prefix",
              "\"" + prefix + "\" must begin with \"/\", not end with it, and be a path only");
        }
        yield new PathRule.SegmentPrefix(prefix, caseSensitive);
      }
      case SAFE_REGEX, CONNECT_MATCHER, PATH_MATCH_POLICY, PATHSPECIFIER_NOT_SET ->
          throw new InvalidField(path, "must have prefix, path or path_separated_prefix");
    };
  }

  private static RouteAction forward(
      io.envoyproxy.envoy.config.route.v3.RouteAction action,
      io.envoyproxy.envoy.config.route.v3.VirtualHost host,
      String path) {
    int notFound =
        switch (action.getClusterNotFoundResponseCode()) {
          case SERVICE_UNAVAILABLE -> 503;
          case NOT_FOUND -> 404;
          case INTERNAL_SERVER_ERROR -> 500;
          case UNRECOGNIZED ->
              throw new InvalidField(path + ".cluster_not_found_response_code", "unknown value");
        };
    return new RouteAction.Forward(
        Fields.required(action.getCluster(), path + ".cluster"),
        notFound,
        action.hasTimeout()
            ? Fields.duration(action.getTimeout(), path + ".timeout")
            : Duration.ofSeconds(15),
        action.hasIdleTimeout()
            ? Fields.duration(action.getIdleTimeout(), path + ".idle_timeout")
            : null,
        action.hasRetryPolicy()
            ? RetryReader.read(action.getRetryPolicy(), path + ".retry_policy")
            : RetryReader.read(host.getRetryPolicy(), path + ".retry_policy"));
  }

  private static RouteAction redirect(RedirectAction redirect, String path) {
    int status =
        switch (redirect.getResponseCode()) {
          case MOVED_PERMANENTLY -> 301;
          case FOUND -> 302;
          case SEE_OTHER -> 303;
          case TEMPORARY_REDIRECT -> 307;
          case PERMANENT_REDIRECT -> 308;
          case UNRECOGNIZED -> throw new InvalidField(path + ".response_code", "unknown value");
        };
    int port = redirect.getPortRedirect();
    if (port < 0 || port > 65535) {
      throw new InvalidField(path + ".port_redirect", "must be 0..65535");
    }
    return new RouteAction.Redirect(
        status,
        redirect.getHttpsRedirect() ? "https" : emptyToNull(redirect.getSchemeRedirect()),
        emptyToNull(redirect.getHostRedirect()),
        port,
        emptyToNull(redirect.getPathRedirect()),
        redirect.getStripQuery());
  }

  private static RouteAction respond(DirectResponseAction response, String path) {
    int status = response.getStatus();
    if (status < 200 || status > 599) {
      throw new InvalidField(path + ".status", "must be 200..599, is " + status);
    }
    return new RouteAction.Respond(status, Fields.text(response.getBody(), path + ".body"));
  }

  private static @Nullable String emptyToNull(String value) {
    return value.isEmpty() ? null : value;
  }
}
