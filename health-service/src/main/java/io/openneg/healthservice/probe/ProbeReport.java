package io.openneg.healthservice.probe;

import io.openneg.healthservice.endpointhealth.Observation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One probe in full detail.
 *
 * @param address that was probed, with its port
 * @param observation null when a fault of our own kept it from saying anything of the target
 * @param ownFault that fault; empty: none
 * @param steps what happened when
 * @param sent the first 4 KiB, a byte as one character; of HTTP/2 the headers, not the frames
 * @param received likewise
 */
public record ProbeReport(
    String address,
    @Nullable Observation observation,
    String ownFault,
    List<Step> steps,
    String sent,
    String received) {

  /**
   * @param at since the start
   */
  public record Step(Duration at, String what) {}
}
