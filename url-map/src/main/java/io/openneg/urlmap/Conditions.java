package io.openneg.urlmap;

import com.google.re2j.Pattern;
import io.openneg.backend.v1.HttpHeaderMatch;
import io.openneg.backend.v1.HttpQueryParameterMatch;
import io.openneg.backend.v1.HttpRouteRuleMatch;
import io.openneg.backend.v1.Int64RangeMatch;
import java.util.Locale;
import java.util.function.Predicate;

/** Compiles match rules of route rules (compute v1). Regular expressions match whole values. */
final class Conditions {
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,19}");

  private Conditions() {}

  /** Holds for requests that all of a match rule fits. */
  static Predicate<RequestHead> of(HttpRouteRuleMatch rule) {
    Predicate<String> path = path(rule);
    Predicate<RequestHead> all = request -> path.test(request.path());
    for (HttpHeaderMatch match : rule.getHeaderMatchesList()) {
      all = all.and(header(match));
    }
    for (HttpQueryParameterMatch match : rule.getQueryParameterMatchesList()) {
      all = all.and(parameter(match));
    }
    return all;
  }

  private static Predicate<String> path(HttpRouteRuleMatch rule) {
    boolean anyCase = rule.getIgnoreCase();
    return switch (rule.getPathCase()) {
      case PREFIX_MATCH -> {
        String prefix = folded(rule.getPrefixMatch(), anyCase);
        yield path -> folded(path, anyCase).startsWith(prefix);
      }
      case FULL_PATH_MATCH -> {
        String full = folded(rule.getFullPathMatch(), anyCase);
        yield path -> folded(path, anyCase).equals(full);
      }
      case REGEX_MATCH -> Pattern.compile(rule.getRegexMatch())::matches;
      case PATH_TEMPLATE_MATCH -> PathTemplate.parse(rule.getPathTemplateMatch())::matches;
      case PATH_NOT_SET -> throw new IllegalArgumentException("a match rule without path");
    };
  }

  private static Predicate<RequestHead> header(HttpHeaderMatch match) {
    String name = match.getHeaderName().toLowerCase(Locale.ROOT);
    boolean invert = match.getInvertMatch();
    if (match.getMatchCase() == HttpHeaderMatch.MatchCase.PRESENT_MATCH) {
      return request -> request.headers().containsKey(name) != invert;
    }
    Predicate<String> value = value(match);
    return request -> {
      String found = request.headers().get(name);
      return found != null && value.test(found) != invert;
    };
  }

  private static Predicate<String> value(HttpHeaderMatch match) {
    return switch (match.getMatchCase()) {
      case EXACT_MATCH -> match.getExactMatch()::equals;
      case REGEX_MATCH -> Pattern.compile(match.getRegexMatch())::matches;
      case RANGE_MATCH -> {
        Int64RangeMatch range = match.getRangeMatch();
        yield value -> contains(range, value);
      }
      case PREFIX_MATCH -> value -> value.startsWith(match.getPrefixMatch());
      case SUFFIX_MATCH -> value -> value.endsWith(match.getSuffixMatch());
      case PRESENT_MATCH -> _ -> true;
      case MATCH_NOT_SET -> throw new IllegalArgumentException("a header match without match");
    };
  }

  private static boolean contains(Int64RangeMatch range, String value) {
    if (!WHOLE_NUMBER.matches(value)) {
      return false;
    }
    try {
      long number = Long.parseLong(value);
      return number >= range.getRangeStart() && number < range.getRangeEnd();
    } catch (NumberFormatException _) {
      return false;
    }
  }

  private static Predicate<RequestHead> parameter(HttpQueryParameterMatch match) {
    String name = match.getName();
    return switch (match.getMatchCase()) {
      case PRESENT_MATCH -> request -> request.parameter(name) != null;
      case EXACT_MATCH -> request -> match.getExactMatch().equals(request.parameter(name));
      case REGEX_MATCH -> {
        Pattern pattern = Pattern.compile(match.getRegexMatch());
        yield request -> {
          String value = request.parameter(name);
          return value != null && pattern.matches(value);
        };
      }
      case MATCH_NOT_SET -> throw new IllegalArgumentException("a parameter match without match");
    };
  }

  /** Letters of ASCII only, as proxies do. */
  private static String folded(String text, boolean anyCase) {
    if (!anyCase) {
      return text;
    }
    StringBuilder folded = new StringBuilder(text);
    for (int i = 0; i < folded.length(); i++) {
      char c = folded.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        folded.setCharAt(i, (char) (c - 'A' + 'a'));
      }
    }
    return folded.toString();
  }
}
