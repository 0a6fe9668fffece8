package io.openneg.backendservice.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocatedTest {

  private static Rejection rejection(String message, String... subjects) {
    return new Rejection(
        Kind.INVALID_ARGUMENT,
        "REASON",
        message,
        List.of(subjects).stream().map(subject -> new Violation(subject, "is wrong")).toList());
  }

  @Test
  void fieldsOfTheResourceAreNamedWithinTheDocumentAndOthersAreLeftAlone() {
    assertThat(
            Located.moved(
                rejection(
                    "Invalid value for field 'url_map.tests[0].service': it is wrong.",
                    "url_map.tests[0].service",
                    "url_map",
                    "url_mapping.x",
                    "projects/p/global/urlMaps/url_map.x"),
                "url_map",
                "url_maps[3]"))
        .isEqualTo(
            rejection(
                "Invalid value for field 'url_maps[3].tests[0].service': it is wrong.",
                "url_maps[3].tests[0].service",
                "url_maps[3]",
                "url_mapping.x",
                "projects/p/global/urlMaps/url_map.x"));
  }

  @Test
  void aMessageWithoutAFieldSaysWhereItIsAbout() {
    assertThat(Located.moved(rejection("in use"), "url_map", "url_maps[3]").message())
        .isEqualTo("url_maps[3]: in use");
  }
}
