package io.openneg.proxyconfigservice.history;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.openneg.proxyconfig.v1.RoutingRow;
import io.openneg.proxyconfig.v1.RowDifference;
import io.openneg.proxyconfigservice.history.RoutingHistory.Difference;
import io.openneg.proxyconfigservice.history.RoutingHistory.StoredRow;
import org.jspecify.annotations.Nullable;

/** Rows as the API shows them, with their contents as protobuf JSON. */
final class RowMessages {
  private RowMessages() {}

  static RoutingRow row(StoredRow row) {
    return RoutingRow.newBuilder()
        .setKind(row.key().kind().name())
        .setKey(row.key().text())
        .setContentJson(json(row.content()))
        .setFromRevision(row.fromRevision())
        .build();
  }

  static RowDifference difference(Difference difference) {
    return RowDifference.newBuilder()
        .setKind(difference.key().kind().name())
        .setKey(difference.key().text())
        .setBeforeJson(json(difference.before()))
        .setAfterJson(json(difference.after()))
        .build();
  }

  private static String json(@Nullable Message content) {
    try {
      return content == null
          ? ""
          : JsonFormat.printer().omittingInsignificantWhitespace().print(content);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
