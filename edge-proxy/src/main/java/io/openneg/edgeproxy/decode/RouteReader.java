package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.openneg.edgeproxy.routing.HeaderChanges;
import io.openneg.edgeproxy.routing.PathRule;
import io.openneg.edgeproxy.routing.Route;
import io.openneg.edgeproxy.routing.RouteAction;
import io.openneg.edgeproxy.routing.RouteTable;
import io.openneg.edgeproxy.routing.VirtualHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a RouteConfiguration. */
final class RouteReader {
  private static final String REQUEST = "request_headers";
  private static final String RESPONSE = "response_headers";

  private RouteReader() {}

  /** Paths in faults are relative to {@code config}. */
  static RouteTable read(RouteConfiguration config) {
    FieldCheck.check(config);
    if (config.getValidateClusters().getValue()) {
      throw new InvalidField(
          "validate_clusters",
          "not supported by this proxy: a route to an unknown cluster answers with 503");
    }
    HeaderChanges request =
        HeaderChangesReader.read(
            config.getRequestHeadersToAddList(),
            config.getRequestHeadersToRemoveList(),
            "",
            REQUEST);
    HeaderChanges response =
        HeaderChangesReader.read(
            config.getResponseHeadersToAddList(),
            config.getResponseHeadersToRemoveList(),
            "",
            RESPONSE);
    List<VirtualHost> hosts = new ArrayList<>();
    for (int i = 0; i < config.getVirtualHostsCount(); i++) {
      hosts.add(
          virtualHost(config.getVirtualHosts(i), "virtual_hosts[" + i + "]", request, response));
    }
    try {
      return new RouteTable(config.getName(), hosts, config.getIgnorePortInHostMatching());
    } catch (IllegalArgumentException e) {
      throw new InvalidField("virtual_hosts", String.valueOf(e.getMessage()));
    }
  }

  private static VirtualHost virtualHost(
      io.envoyproxy.envoy.config.route.v3.VirtualHost host,
      String path,
      HeaderChanges request,
      HeaderChanges response) {
    Fields.required(host.getName(), path + ".name");
    if (host.getDomainsCount() == 0) {
      throw new InvalidField(path + ".domains", "must not be empty");
    }
    List<String> domains = new ArrayList<>();
    for (int i = 0; i < host.getDomainsCount(); i++) {
      domains.add(domain(host.getDomains(i), path + ".domains[" + i + "]"));
    }
    List<HeaderChanges> outerRequest =
        together(
            HeaderChangesReader.read(
                host.getRequestHeadersToAddList(),
                host.getRequestHeadersToRemoveList(),
                path,
                REQUEST),
            List.of(request));
    List<HeaderChanges> outerResponse =
        together(
            HeaderChangesReader.read(
                host.getResponseHeadersToAddList(),
                host.getResponseHeadersToRemoveList(),
                path,
                RESPONSE),
            List.of(response));
    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < host.getRoutesCount(); i++) {
      routes.add(
          route(host.getRoutes(i), host, path + ".routes[" + i + "]", outerRequest, outerResponse));
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
      String path,
      List<HeaderChanges> outerRequest,
      List<HeaderChanges> outerResponse) {
    PathRule rule = MatchReader.path(route.getMatch(), path + ".match");
    List<HeaderChanges> request =
        together(
            HeaderChangesReader.read(
                route.getRequestHeadersToAddList(),
                route.getRequestHeadersToRemoveList(),
                path,
                REQUEST),
            outerRequest);
    List<HeaderChanges> response =
        together(
            HeaderChangesReader.read(
                route.getResponseHeadersToAddList(),
                route.getResponseHeadersToRemoveList(),
                path,
                RESPONSE),
            outerResponse);
    RouteAction action =
        switch (route.getActionCase()) {
          case ROUTE ->
              ForwardReader.read(route.getRoute(), host, path + ".route", request, response);
          case REDIRECT -> redirect(route.getRedirect(), path + ".redirect");
          case DIRECT_RESPONSE -> respond(route.getDirectResponse(), path + ".direct_response");
          case FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET ->
              throw new InvalidField(path, "must have route, redirect or direct_response");
        };
    return new Route(rule, MatchReader.fields(route.getMatch(), path + ".match"), action, response);
  }

  /** The innermost changes come first. */
  static List<HeaderChanges> together(HeaderChanges inner, List<HeaderChanges> outer) {
    return Stream.concat(Stream.of(inner), outer.stream())
        .filter(changes -> !changes.isEmpty())
        .toList();
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
        emptyToNull(redirect.getPrefixRewrite()),
        redirect.getStripQuery());
  }

  private static RouteAction respond(DirectResponseAction response, String path) {
    int status = response.getStatus();
    if (status < 200 || status > 599) {
      throw new InvalidField(path + ".status", "must be 200..599, is " + status);
    }
    return new RouteAction.Respond(status, Fields.text(response.getBody(), path + ".body"));
  }

  static @Nullable String emptyToNull(String value) {
    return value.isEmpty() ? null : value;
  }
}
