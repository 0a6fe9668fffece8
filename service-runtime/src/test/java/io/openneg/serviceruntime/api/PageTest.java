package io.openneg.serviceruntime.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.eventlog.RejectedException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {

  @Test
  void pagesGoThroughAListOnceThoughItChangesMeanwhile() {
    TreeSet<String> keys = new TreeSet<>();
    IntStream.range(0, 10).forEach(i -> keys.add("key-" + i));
    List<String> seen = new ArrayList<>();
    String token = "";
    do {
      Page page = Page.of(3, token, 100, 500);
      List<String> found =
          keys.tailSet(page.after(), false).stream().limit(page.size() + 1L).toList();
      Page.Of<String> answer = page.answer(found, key -> key);
      seen.addAll(answer.items());
      token = answer.nextPageToken();
      keys.remove(seen.getLast());
      keys.add("key-0-new");
    } while (!token.isEmpty());
    assertThat(seen).isEqualTo(IntStream.range(0, 10).mapToObj(i -> "key-" + i).toList());
  }

  @Test
  void aFullLastPageHasNoNext() {
    Page page = Page.of(2, "", 100, 500);
    assertThat(page.answer(List.of("a", "b"), key -> key))
        .isEqualTo(new Page.Of<>(List.of("a", "b"), ""));
  }

  @Test
  void zeroMeansTheStandardSize() {
    assertThat(Page.of(0, "", 100, 500)).isEqualTo(new Page(100, ""));
    assertThat(Page.of(500, "", 100, 500).size()).isEqualTo(500);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 501})
  void aSizeOutOfRangeIsRefused(int size) {
    assertThatThrownBy(() -> Page.of(size, "", 100, 500))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("'page_size'")
        .hasMessageContaining("must be 0..500, is " + size);
  }

  @Test
  void aTokenThatIsNoneIsRefusedHereAndNotByTheDatabase() {
    for (String token :
        List.of(
            "not base64!",
            base64(new byte[] {(byte) 0xff, (byte) 0xfe}),
            base64("a\0b".getBytes(UTF_8)))) {
      assertThatThrownBy(() -> Page.of(0, token, 100, 500))
          .isInstanceOf(RejectedException.class)
          .hasMessageContaining("'page_token'");
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  @Test
  void aFilteredListIsReadOnUntilThePageIsFull() {
    List<String> all = IntStream.range(0, 1_500).mapToObj("%04d"::formatted).toList();
    for (int every : List.of(1, 2, 999, 5_000)) {
      Predicate<String> filter = key -> Integer.parseInt(key) % every == 0;
      for (int size : List.of(1, 3, 500)) {
        List<String> found = new ArrayList<>();
        String token = "";
        do {
          Page page = Page.of(size, token, 1, 500);
          Page.Of<String> answer =
              page.answer(
                  filter,
                  key -> key,
                  (after, limit) ->
                      all.stream().filter(key -> key.compareTo(after) > 0).limit(limit).toList());
          assertThat(answer.items()).hasSizeBetween(1, size);
          found.addAll(answer.items());
          token = answer.nextPageToken();
        } while (!token.isEmpty());
        assertThat(found)
            .as("every %d by %d", every, size)
            .isEqualTo(all.stream().filter(filter).toList());
      }
    }
  }
}
