package io.openneg.proxyconfigservice.history;

import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.Violations;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Which rows are asked for. A token names the revisions of the first page too, so that all pages
 * are of the same ones.
 *
 * @param revisions as of the first page; empty: this is the first
 * @param after the last row of the page before
 */
record RowPage(int size, List<Long> revisions, Optional<RowKey> after) {
  private static final int STANDARD = 1_000;
  private static final int MAX = 5_000;

  /** Numbers, a kind, and a key, which has no space. */
  private static final String TOKEN = "\\d{1,18}(,\\d{1,18})? [A-Z_]+ \\S+";

  static RowPage of(int pageSize, String pageToken) {
    Page page = Page.of(pageSize, pageToken, STANDARD, MAX);
    if (page.after().isEmpty()) {
      return new RowPage(page.size(), List.of(), Optional.empty());
    }
    String[] parts = page.after().split(" ", 3);
    Violations violations = new Violations();
    violations.check(
        page.after().matches(TOKEN)
            && Arrays.stream(RowKind.values()).anyMatch(kind -> kind.name().equals(parts[1])),
        "page_token",
        "must be a next_page_token of an earlier answer");
    violations.orThrow();
    return new RowPage(
        page.size(),
        Arrays.stream(parts[0].split(",")).map(Long::valueOf).toList(),
        Optional.of(new RowKey(RowKind.valueOf(parts[1]), parts[2])));
  }

  /**
   * Fills an answer.
   *
   * @param found up to {@code size + 1} items
   * @param ofRevisions what the items were read from
   */
  <T> void answer(
      List<T> found,
      Function<T, RowKey> key,
      Consumer<T> item,
      Consumer<String> nextPageToken,
      long... ofRevisions) {
    String prefix =
        LongStream.of(ofRevisions).mapToObj(Long::toString).collect(Collectors.joining(","));
    Page.Of<T> page =
        new Page(size, "")
            .answer(
                found,
                last ->
                    "%s %s %s".formatted(prefix, key.apply(last).kind(), key.apply(last).text()));
    page.items().forEach(item);
    nextPageToken.accept(page.nextPageToken());
  }
}
