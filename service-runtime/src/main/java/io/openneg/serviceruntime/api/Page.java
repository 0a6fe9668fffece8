package io.openneg.serviceruntime.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which part of a list is asked for. Pages continue behind the last key seen, so what is inserted
 * or deleted meanwhile neither repeats nor hides other items.
 *
 * @param size how many items at the most
 * @param after the key of the last item of the page before; empty on the first
 */
public record Page(int size, String after) {
  /** Items read in one go once those of a plain page were not enough. */
  private static final int FILTERED_AT_ONCE = 1_000;

  /** Items of a page, and the token of the next one; empty on the last. */
  public record Of<T>(List<T> items, String nextPageToken) {}

  /**
   * Reads {@code page_size} and {@code page_token}.
   *
   * @param pageSize 0 means {@code standard}
   * @throws RejectedException INVALID_ARGUMENT when one of them cannot be
   */
  public static Page of(int pageSize, String pageToken, int standard, int max) {
    if (pageSize < 0 || pageSize > max) {
      throw invalid("page_size", "must be 0..%d, is %d".formatted(max, pageSize));
    }
    return new Page(pageSize == 0 ? standard : pageSize, key(pageToken));
  }

  private static String key(String pageToken) {
    try {
      String key =
          UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Base64.getUrlDecoder().decode(pageToken)))
              .toString();
      // No key has them, and PostgreSQL does not take all of them.
      if (key.chars().noneMatch(Character::isISOControl)) {
        return key;
      }
    } catch (IllegalArgumentException | CharacterCodingException _) {
      // The same answer.
    }
    throw invalid("page_token", "must be a next_page_token of an earlier answer");
  }

  /**
   * Makes the answer.
   *
   * @param found up to {@code size + 1} items behind {@code after}, in order of their keys
   */
  public <T> Of<T> answer(List<T> found, Function<T, String> key) {
    if (found.size() <= size) {
      return new Of<>(found, "");
    }
    List<T> items = List.copyOf(found.subList(0, size));
    String last = key.apply(items.getLast());
    return new Of<>(
        items, Base64.getUrlEncoder().withoutPadding().encodeToString(last.getBytes(UTF_8)));
  }

  /**
   * Makes the answer from the items that pass a filter, reading on until it is full.
   *
   * @param read up to so many items behind a key ({@code ""}: from the first), in order of their
   *     keys
   */
  public <T> Of<T> answer(
      Predicate<? super T> filter,
      Function<T, String> key,
      BiFunction<String, Integer, List<T>> read) {
    List<T> found = new ArrayList<>();
    String behind = after;
    int limit = size + 1;
    while (true) {
      List<T> items = read.apply(behind, limit);
      for (T item : items) {
        if (filter.test(item)) {
          found.add(item);
        }
        if (found.size() > size) {
          return answer(found, key);
        }
      }
      if (items.size() < limit) {
        return answer(found, key);
      }
      behind = key.apply(items.getLast());
      limit = FILTERED_AT_ONCE;
    }
  }

  private static RejectedException invalid(String field, String rule) {
    return new RejectedException(
        new Rejection(
            Kind.INVALID_ARGUMENT,
            "INVALID_ARGUMENT",
            "Invalid value for field '%s': it %s.".formatted(field, rule),
            List.of(new Violation(field, rule))));
  }
}
