package io.openneg.proxyconfigservice.explain;

import io.openneg.backend.v1.HttpRouteRuleMatch;
import io.openneg.backend.v1.UrlMap;
import io.openneg.urlmap.Match;
import io.openneg.urlmap.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why a request meets a rule of a URL map, in words. */
final class MatchWords {
  private static final Pattern INDEX = Pattern.compile("\\[(\\d+)\\]");

  private MatchWords() {}

  /**
   * @param match of this request in this map
   */
  static String of(Match match, RequestHead request, UrlMap map) {
    if (match.host().isEmpty()) {
      return "no host rule names host '%s', so the map's default holds".formatted(request.host());
    }
    List<Integer> host = indexes(match.host());
    List<Integer> rule = indexes(match.rule());
    var matcher = map.getPathMatchers(rule.getFirst());
    return "host '%s' fits '%s' (%s), which leads to path matcher '%s'; there %s"
        .formatted(
            request.host(),
            map.getHostRules(host.getFirst()).getHosts(host.getLast()),
            match.host(),
            matcher.getName(),
            switch (kind(match.rule())) {
              case PATH ->
                  "'%s' is the longest path that fits '%s' (%s)"
                      .formatted(
                          matcher.getPathRules(rule.get(1)).getPaths(rule.getLast()),
                          request.path(),
                          match.rule());
              case ROUTE ->
                  "the route rule of priority %d is the first that fits, by %s (%s)"
                      .formatted(
                          matcher.getRouteRules(rule.get(1)).getPriority(),
                          words(matcher.getRouteRules(rule.get(1)).getMatchRules(rule.getLast())),
                          match.rule());
              case DEFAULT ->
                  "no rule fits '%s', so its default holds (%s)"
                      .formatted(request.path(), match.rule());
            });
  }

  private enum Kind {
    PATH,
    ROUTE,
    DEFAULT
  }

  private static Kind kind(String field) {
    return field.contains(".path_rules[")
        ? Kind.PATH
        : field.contains(".route_rules[") ? Kind.ROUTE : Kind.DEFAULT;
  }

  private static List<Integer> indexes(String field) {
    List<Integer> indexes = new ArrayList<>();
    Matcher index = INDEX.matcher(field);
    while (index.find()) {
      indexes.add(Integer.parseInt(index.group(1)));
    }
    return indexes;
  }

  private static String words(HttpRouteRuleMatch match) {
    String path =
        switch (match.getPathCase()) {
          case PREFIX_MATCH -> "prefix '%s'".formatted(match.getPrefixMatch());
          case FULL_PATH_MATCH -> "path '%s'".formatted(match.getFullPathMatch());
          case REGEX_MATCH -> "regex '%s'".formatted(match.getRegexMatch());
          case PATH_TEMPLATE_MATCH -> "template '%s'".formatted(match.getPathTemplateMatch());
          case PATH_NOT_SET -> "any path";
        };
    StringBuilder words = new StringBuilder(path);
    match
        .getHeaderMatchesList()
        .forEach(one -> words.append(", header ").append(one.getHeaderName()));
    match
        .getQueryParameterMatchesList()
        .forEach(one -> words.append(", parameter ").append(one.getName()));
    return words.toString();
  }
}
