package io.openneg.proxyconfigservice.explain;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.re2j.Pattern;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which route of a RouteConfiguration a proxy takes, after Envoy's documentation: the virtual host
 * with the most special domain, and in it the first route that matches.
 */
final class RouteInterpreter {

  /**
   * A request.
   *
   * @param path without query
   * @param query parameters in the order sent, without "?"
   */
  record Request(String host, String path, String query, Map<String, String> headers) {}

  private final RouteConfiguration configuration;

  RouteInterpreter(RouteConfiguration configuration) {
    this.configuration = configuration;
  }

  /** The route that is taken, or null for 404. */
  @Nullable Route route(Request request) {
    VirtualHost best = null;
    int rank = 0;
    for (VirtualHost host : configuration.getVirtualHostsList()) {
      for (String domain : host.getDomainsList()) {
        int next = rank(domain, request.host().toLowerCase(Locale.ROOT));
        if (next > rank) {
          rank = next;
          best = host;
        }
      }
    }
    if (best != null) {
      for (Route route : best.getRoutesList()) {
        if (matches(route.getMatch(), request)) {
          return route;
        }
      }
    }
    return null;
  }

  /** 0: does not fit. */
  private static int rank(String domain, String host) {
    if (domain.equals(host)) {
      return Integer.MAX_VALUE;
    }
    boolean fits =
        domain.equals("*")
            || (domain.startsWith("*")
                && host.length() >= domain.length()
                && host.endsWith(domain.substring(1)));
    return fits ? domain.length() : 0;
  }

  private static boolean matches(RouteMatch match, Request request) {
    return path(match, request.path())
        && match.getHeadersList().stream().allMatch(header -> header(header, request))
        && match.getQueryParametersList().stream()
            .allMatch(parameter -> parameter(parameter, request));
  }

  private static boolean path(RouteMatch match, String path) {
    boolean anyCase = match.hasCaseSensitive() && !match.getCaseSensitive().getValue();
    return switch (match.getPathSpecifierCase()) {
      case PREFIX ->
          path.regionMatches(anyCase, 0, match.getPrefix(), 0, match.getPrefix().length());
      case PATH -> anyCase ? path.equalsIgnoreCase(match.getPath()) : path.equals(match.getPath());
      case SAFE_REGEX -> Pattern.matches(match.getSafeRegex().getRegex(), path);
      case PATH_MATCH_POLICY -> template(match, path);
      default -> throw new AssertionError("unexpected " + match);
    };
  }

  /** Enough for templates of literals, "*" and a last "**". */
  private static boolean template(RouteMatch match, String path) {
    String template;
    try {
      template =
          match
              .getPathMatchPolicy()
              .getTypedConfig()
              .unpack(UriTemplateMatchConfig.class)
              .getPathTemplate();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    int at = 0;
    for (int i = 0; i < template.length(); i++) {
      if (template.startsWith("**", i)) {
        return true;
      } else if (template.charAt(i) == '*') {
        int end = path.indexOf('/', at);
        end = end < 0 ? path.length() : end;
        if (end == at) {
          return false;
        }
        at = end;
      } else if (at < path.length() && path.charAt(at) == template.charAt(i)) {
        at++;
      } else {
        return false;
      }
    }
    return at == path.length();
  }

  private static boolean header(HeaderMatcher matcher, Request request) {
    String value = request.headers().get(matcher.getName());
    boolean invert = matcher.getInvertMatch();
    return switch (matcher.getHeaderMatchSpecifierCase()) {
      case PRESENT_MATCH -> (value != null) != invert;
      case STRING_MATCH -> value != null && text(matcher.getStringMatch(), value) != invert;
      case RANGE_MATCH ->
          value != null
              && (value.matches("-?[0-9]{1,9}")
                      && Long.parseLong(value) >= matcher.getRangeMatch().getStart()
                      && Long.parseLong(value) < matcher.getRangeMatch().getEnd())
                  != invert;
      default -> throw new AssertionError("unexpected " + matcher);
    };
  }

  private static boolean parameter(QueryParameterMatcher matcher, Request request) {
    for (String part : request.query().split("&", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      if (!part.isEmpty() && name.equals(matcher.getName())) {
        return matcher.hasPresentMatch()
            || text(matcher.getStringMatch(), equals < 0 ? "" : part.substring(equals + 1));
      }
    }
    return false;
  }

  private static boolean text(StringMatcher matcher, String value) {
    return switch (matcher.getMatchPatternCase()) {
      case EXACT -> value.equals(matcher.getExact());
      case PREFIX -> value.startsWith(matcher.getPrefix());
      case SUFFIX -> value.endsWith(matcher.getSuffix());
      case SAFE_REGEX -> Pattern.matches(matcher.getSafeRegex().getRegex(), value);
      default -> throw new AssertionError("unexpected " + matcher);
    };
  }
}
