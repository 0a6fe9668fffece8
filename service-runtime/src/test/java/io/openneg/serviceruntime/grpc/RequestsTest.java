package io.openneg.serviceruntime.grpc;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.openneg.eventlog.RejectedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestsTest {
  private static final String ID = "6f1c2f0e-7d3b-4e39-9a35-0d6f8f3b7c11";

  @Test
  void aRequestWithoutAnIdHasNoKey() {
    assertThat(Requests.context(StringValue.of("x"), "").request()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "00000000-0000-0000-0000-000000000000",
        "6f1c2f0e7d3b4e399a350d6f8f3b7c11",
        " 6f1c2f0e-7d3b-4e39-9a35-0d6f8f3b7c11"
      })
  void anIdIsAUuidOtherThanZero(String id) {
    assertThatThrownBy(() -> Requests.context(StringValue.of("x"), id))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("'request_id'")
        .hasMessageContaining("must be a UUID other than zero");
  }

  @Test
  void theDigestTellsRequestsApartByContentAndByKind() {
    assertThat(digest(StringValue.of("x"))).isEqualTo(digest(StringValue.of("x")));
    assertThat(digest(StringValue.of("x"))).isNotEqualTo(digest(StringValue.of("y")));
    Value text = Value.newBuilder().setStringValue("x").build();
    assertThat(digest(ListValue.newBuilder().addValues(text).build()))
        .isNotEqualTo(digest(ListValue.newBuilder().addValues(text).addValues(text).build()));
    assertThat(digest(StringValue.getDefaultInstance()))
        .isNotEqualTo(digest(ListValue.getDefaultInstance()));
  }

  /** The entries of a map come in any order, also from the same client. */
  @Test
  void theDigestDoesNotDependOnTheOrderOfMapEntries() {
    Struct.Builder ascending = Struct.newBuilder();
    Struct.Builder descending = Struct.newBuilder();
    for (int i = 0; i < 100; i++) {
      ascending.putFields("key-" + i, Value.newBuilder().setNumberValue(i).build());
      descending.putFields("key-" + (99 - i), Value.newBuilder().setNumberValue(99 - i).build());
    }
    assertThat(digest(ascending.build())).isEqualTo(digest(descending.build()));
  }

  private static byte[] digest(Message request) {
    return requireNonNull(Requests.context(request, ID).request()).digest();
  }
}
