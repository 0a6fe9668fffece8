package io.openneg.urlmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.openneg.backend.v1.UrlMap;
import io.openneg.urlmap.RequestHead.Header;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A URL map ({@code map.textproto}) and what requests meet in it ({@code matches.txt}). */
class MatchingGoldenTest {
  private static final Path CASES = Path.of("src/test/resources/matching");

  // Host, path, headers, the rule it meets, what it reaches.
  private static final Pattern LINE =
      Pattern.compile("(\\S+) +(\\S+) +((?:\\S+=\\S* +)*)-> +(\\S+) +(\\S.*)");

  private static final Pattern HEADER = Pattern.compile("([^ =]+)=(\\S*)");

  static Stream<String> cases() throws IOException {
    try (Stream<Path> directories = Files.list(CASES)) {
      return directories.map(path -> path.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void requestsMeetTheseRules(String name) throws IOException {
    Path directory = CASES.resolve(name);
    UrlMapMatcher matcher =
        new UrlMapMatcher(
            TextFormat.parse(Files.readString(directory.resolve("map.textproto")), UrlMap.class));
    List<String> expected = new ArrayList<>();
    List<String> actual = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve("matches.txt"))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        Matcher parts = LINE.matcher(line);
        assertThat(parts.matches()).as(line).isTrue();
        String request = parts.group(1) + parts.group(2) + " " + parts.group(3);
        Match match =
            matcher.match(RequestHead.of(parts.group(1), parts.group(2), headers(parts.group(3))));
        expected.add(
            "%s -> %s %s".formatted(request, parts.group(4), parts.group(5).replaceAll(" +", " ")));
        actual.add(
            "%s -> %s %s"
                .formatted(
                    request, match.rule().replaceFirst("url_map\\.", ""), text(match.outcome())));
      }
    }
    assertThat(actual).isNotEmpty().containsExactlyElementsOf(expected);
  }

  private static String text(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Forward forward -> String.join(",", forward.services()) + " " + forward.url();
      case Outcome.Redirect(int status, Outcome.Url url) -> status + " " + url;
    };
  }

  private static List<Header> headers(String text) {
    List<Header> headers = new ArrayList<>();
    Matcher header = HEADER.matcher(text);
    while (header.find()) {
      headers.add(new Header(header.group(1), header.group(2)));
    }
    return headers;
  }
}
