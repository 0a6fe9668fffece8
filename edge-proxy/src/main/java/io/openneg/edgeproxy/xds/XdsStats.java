package io.openneg.edgeproxy.xds;

import io.openneg.edgeproxy.config.ResourceType;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What happened on the way to the control plane since the start. Thread-safe. */
public final class XdsStats {

  private final Map<ResourceType, LongAdder> acks = adders();
  private final Map<ResourceType, LongAdder> nacks = adders();
  private final LongAdder streams = new LongAdder();
  private volatile boolean connected;
  private volatile @Nullable String lastError;

  private static Map<ResourceType, LongAdder> adders() {
    Map<ResourceType, LongAdder> adders = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      adders.put(type, new LongAdder());
    }
    return adders;
  }

  void answered(ResourceType type, boolean ack) {
    LongAdder adder = (ack ? acks : nacks).get(type);
    if (adder != null) {
      adder.increment();
    }
  }

  void streamOpened() {
    streams.increment();
  }

  void connected(boolean now) {
    connected = now;
  }

  void failed(String error) {
    lastError = error;
  }

  /** Responses of a type that were accepted. */
  public long acks(ResourceType type) {
    LongAdder adder = acks.get(type);
    return adder == null ? 0 : adder.sum();
  }

  /** Responses of a type that were rejected. */
  public long nacks(ResourceType type) {
    LongAdder adder = nacks.get(type);
    return adder == null ? 0 : adder.sum();
  }

  /** Streams that were opened, whether they came to anything or not. */
  public long streams() {
    return streams.sum();
  }

  /** Whether the current stream has brought a response. */
  public boolean connected() {
    return connected;
  }

  /** The last failure of a stream or the last reason of a NACK. */
  public @Nullable String lastError() {
    return lastError;
  }
}
