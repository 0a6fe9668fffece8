package io.openneg.negservice.neg;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NegEvent.EndpointUpdated;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionRefused;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NegEventCodecTest {
  private static final HexFormat HEX = HexFormat.of();

  private final NegEventCodec codec = new NegEventCodec();

  /** A story with every kind of event and every field in use; the golden log is its bytes. */
  static List<NegEvent> story() {
    return List.of(
        new NegCreated(
            new NegDefinition(
                Groups.NAME,
                Long.MAX_VALUE,
                Groups.NOW,
                "the shop's web tier",
                EndpointType.GCE_VM_IP_PORT,
                "projects/host/global/networks/lab",
                OptionalInt.of(8080),
                Map.of("team", "checkout", "app", "wéb"),
                OptionalLong.empty(),
                "")),
        new EndpointAttached(
            new Endpoint(
                "vm-1", Groups.address("10.0.0.1:8080"), Map.of("rack", "7", "host", "h1"))),
        new EndpointAttached(
            new Endpoint("vm-1", Groups.address("192.168.255.255:65535"), Map.of())),
        new EndpointDetached(Groups.address("10.0.0.1:8080")),
        new NegDeletionStarted(),
        new NegDeletionRefused(
            List.of(
                "projects/shop/global/backendServices/web",
                "projects/shop/global/backendServices/api")),
        new NegDeletionStarted(),
        new NegDeleted(),
        new NegCreated(
            new NegDefinition(
                Groups.NAME,
                Groups.ID,
                Groups.NOW,
                "",
                EndpointType.NON_GCP_PRIVATE_IP_PORT,
                Groups.NETWORK,
                OptionalInt.empty(),
                Map.of(),
                OptionalLong.empty(),
                "")),
        new EndpointAttached(new Endpoint("", Groups.address("172.16.0.1:1"), Map.of())),
        new EndpointUpdated(new Endpoint("", Groups.address("172.16.0.1:1"), Map.of("a", "b"))),
        new NegDeletionStarted(),
        new NegDeleted(),
        new NegCreated(Groups.definition(EndpointType.GCE_VM_IP_PORT, OptionalInt.of(8080))),
        Groups.attached("172.16.0.1:1"),
        new EndpointUpdated(Groups.on("vm-2", Groups.address("172.16.0.1:1"), Map.of("a", "b"))));
  }

  @Test
  void theStoryHasEveryKindOfEvent() {
    assertThat(story().stream().map(Object::getClass).collect(toSet()))
        .isEqualTo(Set.of(NegEvent.class.getPermittedSubclasses()));
  }

  @ParameterizedTest
  @MethodSource("story")
  void whatIsReadIsWhatWasWritten(NegEvent event) {
    assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
  }

  @ParameterizedTest
  @MethodSource("story")
  void theTypeIsTheMessagesName(NegEvent event) {
    String name = codec.type(event);
    assertThat(name).isEqualTo("openneg.neg.v1." + event.getClass().getSimpleName());
    assertThat(io.openneg.neg.v1.NegEvent.getDescriptor().getOneofs().getFirst().getFields())
        .extracting(field -> field.getMessageType().getFullName())
        .contains(name);
  }

  @Test
  void everyPublishedKindIsKnown() {
    assertThat(
            io.openneg.neg.v1.NegEvent.getDescriptor().getOneofs().getFirst().getFields().stream()
                // From 20 on they are the inventory's.
                .filter(field -> field.getNumber() < 20)
                .map(field -> field.getMessageType().getName())
                .collect(toSet()))
        .isEqualTo(
            Arrays.stream(NegEvent.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(toSet()));
  }

  @Test
  void bytesOfAnotherKindAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> codec.decode(new byte[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> codec.decode(new byte[] {1, 2, 3}));
    byte[] withoutType =
        io.openneg.neg.v1.NegEvent.newBuilder()
            .setNegCreated(io.openneg.neg.v1.NegCreated.getDefaultInstance())
            .build()
            .toByteArray();
    assertThatIllegalArgumentException().isThrownBy(() -> codec.decode(withoutType));
  }

  /**
   * Lines are only ever added to the golden log: what was written once must be readable for ever.
   */
  @Test
  void everyEventEverWrittenIsReadAndMeansTheSame() throws IOException {
    List<NegEvent> read = new ArrayList<>();
    for (String line : goldenLog()) {
      String[] typeAndBytes = line.split(" ", -1);
      NegEvent event = codec.decode(HEX.parseHex(typeAndBytes[1]));
      assertThat(codec.type(event)).isEqualTo(typeAndBytes[0]);
      read.add(event);
    }
    assertThat(read).isEqualTo(story());
    assertThat(Scenario.fold(read))
        .isInstanceOfSatisfying(
            Live.class,
            group -> assertThat(group.endpoints()).containsExactly(Groups.address("172.16.0.1:1")));
  }

  @Test
  void eventsAreStillWrittenAsInTheGoldenLog() throws IOException {
    assertThat(story().stream().map(e -> codec.type(e) + " " + HEX.formatHex(codec.encode(e))))
        .isEqualTo(goldenLog());
  }

  private static List<String> goldenLog() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            NegEventCodecTest.class.getResourceAsStream("/golden/neg.events.v1.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    }
  }
}
