package io.openneg.serviceruntime.api;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.openneg.eventlog.RejectedException;
import java.util.function.Predicate;

/** Reads one filter, by recursive descent. Not thread-safe. */
final class FilterParser {
  private static final String SYMBOLS = "=!<>:";

  private final String text;
  private final Descriptor listed;
  private int at;

  FilterParser(String text, Descriptor listed) {
    this.text = text;
    this.listed = listed;
  }

  Predicate<Message> parse() {
    Predicate<Message> all = conjunction();
    if (at < text.length()) {
      throw fault("has a ')' that closes nothing");
    }
    return all;
  }

  private Predicate<Message> conjunction() {
    Predicate<Message> all = disjunction();
    while (true) {
      skipSpace();
      if (at == text.length() || text.charAt(at) == ')') {
        return all;
      }
      if (takeWord("AND")) {
        skipSpace();
      }
      all = all.and(disjunction());
    }
  }

  private Predicate<Message> disjunction() {
    Predicate<Message> any = term();
    while (takeWord("OR")) {
      any = any.or(term());
    }
    return any;
  }

  private Predicate<Message> term() {
    skipSpace();
    if (takeWord("NOT")) {
      return term().negate();
    }
    if (at < text.length() && text.charAt(at) == '-') {
      at++;
      return term().negate();
    }
    if (at < text.length() && text.charAt(at) == '(') {
      at++;
      Predicate<Message> inner = conjunction();
      if (at == text.length()) {
        throw fault("has a '(' that is not closed");
      }
      at++;
      return inner;
    }
    return comparison();
  }

  private Predicate<Message> comparison() {
    String path = path();
    FilterField field = FilterField.of(path, listed);
    skipSpace();
    FilterOperator operator = operator(path);
    skipSpace();
    if (at == text.length()) {
      throw fault("must have a value behind '%s %s'".formatted(path, operator.symbol()));
    }
    boolean quoted = isQuote(text.charAt(at));
    String value = quoted ? quoted() : bare(path, operator);
    return operator == FilterOperator.HAS && !quoted && value.equals("*")
        ? message -> field.values(message).anyMatch(FilterField::isPresent)
        : operator.comparison(field, value);
  }

  private String path() {
    int from = at;
    while (at < text.length() && isPathCharacter(text.charAt(at))) {
      at++;
    }
    if (at == from || !Character.isLetter(text.charAt(from))) {
      throw fault("must have the name of a field");
    }
    return text.substring(from, at);
  }

  /** Keys of a map are a part of the path: {@code annotations.example.com/team}. */
  private static boolean isPathCharacter(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '-' || c == '/';
  }

  private FilterOperator operator(String path) {
    int from = at;
    while (at < text.length() && SYMBOLS.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    if (at == from) {
      while (at < text.length() && Character.isLetter(text.charAt(at))) {
        at++;
      }
    }
    String symbol = text.substring(from, at);
    return FilterOperator.of(symbol)
        .orElseThrow(
            () -> {
              at = from;
              return fault(
                  "must have one of =, !=, <, <=, >, >=, :, eq, ne behind '%s'".formatted(path));
            });
  }

  /** A backslash in front of the quote keeps it in the value; any other stays as it is. */
  private String quoted() {
    int from = at;
    char quote = text.charAt(at++);
    StringBuilder value = new StringBuilder();
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == quote) {
        at++;
        return value.toString();
      }
      if (c == '\\' && at + 1 < text.length() && text.charAt(at + 1) == quote) {
        c = text.charAt(++at);
      }
      value.append(c);
    }
    at = from;
    throw fault("has a %c that is not closed".formatted(quote));
  }

  /** Up to a space or a parenthesis that the value has not opened: {@code name eq (a|b)}. */
  private String bare(String path, FilterOperator operator) {
    int from = at;
    int open = 0;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c) || (c == ')' && open == 0)) {
        break;
      }
      if (c == '\\' && at + 1 < text.length()) {
        at++;
      } else if (c == '(') {
        open++;
      } else if (c == ')') {
        open--;
      }
    }
    if (at == from) {
      throw fault("must have a value behind '%s %s'".formatted(path, operator.symbol()));
    }
    return text.substring(from, at);
  }

  /** Whether the word is next, as a word of its own; then it is taken. */
  private boolean takeWord(String word) {
    skipSpace();
    int end = at + word.length();
    if (!text.startsWith(word, at)
        || (end < text.length()
            && !Character.isWhitespace(text.charAt(end))
            && text.charAt(end) != '(')) {
      return false;
    }
    at = end;
    return true;
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private static boolean isQuote(char c) {
    return c == '"' || c == '\'';
  }

  private RejectedException fault(String rule) {
    return Filter.invalid(rule + " (at character " + (at + 1) + ")");
  }
}
