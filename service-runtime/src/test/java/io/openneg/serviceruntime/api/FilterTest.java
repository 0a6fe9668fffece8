package io.openneg.serviceruntime.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.BackendService;
import io.openneg.eventlog.RejectedException;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointType;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  private static final NetworkEndpointGroup GROUP =
      NetworkEndpointGroup.newBuilder()
          .setName("projects/shop/zones/us-central1-a/networkEndpointGroups/web-1")
          .setId(-2L)
          .setCreationTimestamp(Timestamp.newBuilder().setSeconds(1_700_000_000))
          .setDescription("The Canary (blue) says \"hi\"")
          .setNetworkEndpointType(NetworkEndpointType.GCE_VM_IP_PORT)
          .setDefaultPort(8080)
          .setSize(20)
          .putAnnotations("team", "a b")
          .putAnnotations("example.com/tier-1", "gold")
          .build();

  private static boolean passes(String filter) {
    return Filter.of(filter, NetworkEndpointGroup.getDescriptor()).test(GROUP);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "size = 20",
        "size=20",
        "size != 21",
        "size > 9",
        "size >= 20",
        "size < 21",
        "size <= 20",
        "size = 20.0",
        "size : 20",
        "default_port = 8080",
        "defaultPort = 8080",
        "default_port : *",
        "id = 18446744073709551614",
        "name = web-1",
        "name = projects/shop/zones/us-central1-a/networkEndpointGroups/web-1",
        "name != web-2",
        "name eq web-.*",
        "name eq \"web-.*\"",
        "name eq 'web-.*'",
        "name eq (web|db)-1",
        "name eq \".*\\bweb.*\"",
        "name ne db-.*",
        "name ne eb",
        "zone = us-central1-a",
        "zone = projects/shop/zones/us-central1-a",
        "zone eq .*/us-central1-a",
        "project = shop",
        "network_endpoint_type = GCE_VM_IP_PORT",
        "networkEndpointType ne NON_.*",
        "description : canary",
        "description : \"(blue)\"",
        "description : \"\\\"hi\\\"\"",
        "description eq \".*\\(blue\\).*\"",
        "annotations.team = \"a b\"",
        "annotations.team:*",
        "annotations.example.com/tier-1 = gold",
        "annotations.none != gold",
        "creation_timestamp > 2023-11-14T00:00:00Z",
        "creationTimestamp < 2023-11-15T01:00:00+01:00",
        "(size eq \"20\")(name eq \".*\\bweb.*\")",
        "size = 20 name = web-1",
        "size = 20 AND name = web-1",
        "size = 20 AND (name = web-2 OR name = web-1)",
        "size = 21 OR size = 20",
        "size = 20 OR size = 21 AND name = web-1",
        "NOT size = 21",
        "-size = 21",
        "NOT (size = 20 AND name = web-2)",
        "NOT NOT size = 20",
        "((size = 20))",
      })
  void letsThrough(String filter) {
    assertThat(passes(filter)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "size = 21",
        "size != 20",
        "size > 20",
        "size >= 21",
        "size < 20",
        "size <= 19",
        "name = web",
        "name != web-1",
        "name eq web",
        "name eq eb-1",
        "name ne web-.*",
        "name : xyz",
        "zone = europe-west1-b",
        "region : *",
        "network : *",
        "network_endpoint_type = NON_GCP_PRIVATE_IP_PORT",
        "annotations.team = a",
        "annotations.Team = \"a b\"",
        "annotations.none : *",
        "annotations.none = gold",
        "creation_timestamp > 2024-01-01T00:00:00Z",
        "(size eq 20)(name eq db)",
        "size = 20 AND name = web-2",
        "-size = 20",
        "NOT (size = 20 OR name = web-2)",
        // OR binds closer: this is (size = 20 OR size = 21) AND name = web-2.
        "size = 20 OR size = 21 AND name = web-2",
      })
  void isKeptOut(String filter) {
    assertThat(passes(filter)).isFalse();
  }

  @Test
  void oneItemOfARepeatedFieldIsEnough() {
    BackendService service =
        BackendService.newBuilder()
            .addBackends(io.openneg.backend.v1.Backend.newBuilder().setGroup("one"))
            .addBackends(io.openneg.backend.v1.Backend.newBuilder().setGroup("two"))
            .addHealthChecks("check")
            .build();
    var type = BackendService.getDescriptor();
    assertThat(Filter.of("backends.group = two", type).test(service)).isTrue();
    assertThat(Filter.of("backends.group = three", type).test(service)).isFalse();
    assertThat(Filter.of("backends.group != two", type).test(service)).isFalse();
    assertThat(Filter.of("health_checks = check", type).test(service)).isTrue();
    assertThat(Filter.of("healthChecks : *", type).test(BackendService.getDefaultInstance()))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "colour = red | names 'colour', which is not a field of NetworkEndpointGroup; there are name, id",
        "size | must have one of =, !=, <, <=, >, >=, :, eq, ne behind 'size'",
        "size ~ 3 | must have one of =, !=, <, <=, >, >=, :, eq, ne behind 'size'",
        "size == 3 | must have one of =, !=, <, <=, >, >=, :, eq, ne behind 'size'",
        "size = | must have a value behind 'size ='",
        "size = ) | must have a value behind 'size ='",
        "size = many | compares 'size' with 'many'; it must be a number",
        "size < 1e999999999 | compares 'size' with '1e999999999'; it must be a number",
        "network_endpoint_type = VM | compares 'network_endpoint_type' with 'VM'; it must be one of",
        "creation_timestamp > today | compares 'creation_timestamp' with 'today'; it must be a time",
        "name eq [ | must have a regular expression (RE2) behind 'name'; '[' is none",
        "name.first = a | names 'name.first', but 'name' has no fields within",
        "annotations = a | must name a key, as in 'annotations.key'",
        "size = 20) | has a ')' that closes nothing",
        "(size = 20 | has a '(' that is not closed",
        "name = \"web | has a \" that is not closed",
        "size = 20 AND | must have the name of a field",
        "size = 20 OR OR name = a | names 'OR', which is not a field",
        "= 20 | must have the name of a field",
        "NOT | must have the name of a field",
      })
  void isRefusedWithTheReason(String filter, String reason) {
    assertThatThrownBy(() -> passes(filter))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> {
              assertThat(e.rejection().reason()).isEqualTo("INVALID_ARGUMENT");
              assertThat(e.rejection().violations())
                  .singleElement()
                  .satisfies(
                      violation -> {
                        assertThat(violation.subject()).isEqualTo("filter");
                        assertThat(violation.description()).contains(reason);
                      });
            });
  }

  @Test
  void aMessageWithinIsNamedByAFieldOfIt() {
    assertThatThrownBy(() -> Filter.of("backends = a", BackendService.getDescriptor()))
        .hasMessageContaining("must name a field within 'backends'");
  }

  @Test
  void isBoundedInLengthAndSoInDepth() {
    assertThatThrownBy(() -> passes("name = " + "a".repeat(Filter.MAX_LENGTH)))
        .hasMessageContaining("must have at most 2048 characters, has 2055");
    assertThat(passes("-".repeat(Filter.MAX_LENGTH - 11) + "size  = 20")).isFalse();
  }

  /** With backtracking this would take longer than the universe has. */
  @Test
  void anEvilExpressionCostsNothing() {
    assertThat(
            Filter.of("description eq \"(a*)*b\"", NetworkEndpointGroup.getDescriptor())
                .test(NetworkEndpointGroup.newBuilder().setDescription("a".repeat(2_000)).build()))
        .isFalse();
  }

  @Test
  void pagesHoldOnlyWhatPasses() {
    TreeMap<String, Integer> items = new TreeMap<>();
    IntStream.range(0, 5_000).forEach(i -> items.put("key-%04d".formatted(i), i));
    List<Integer> seen = new ArrayList<>();
    String token = "";
    do {
      Page.Of<Integer> page =
          Page.of(3, token, 100, 500)
              .answer(
                  (Integer i) -> i % 700 == 0,
                  "key-%04d"::formatted,
                  (after, limit) ->
                      items.tailMap(after, false).values().stream().limit(limit).toList());
      assertThat(page.items()).hasSizeLessThanOrEqualTo(3);
      seen.addAll(page.items());
      token = page.nextPageToken();
    } while (!token.isEmpty());
    assertThat(seen).containsExactly(0, 700, 1400, 2100, 2800, 3500, 4200, 4900);
  }
}
