package io.openneg.edgeproxy.http;

import java.util.concurrent.atomic.LongAdder;

/** What happened to requests since the start. Thread-safe. */
public final class HttpStats {

  private final LongAdder[] byClass = new LongAdder[6];

  /** Requests in flight. */
  public final LongAdder active = new LongAdder();

  /** Attempts that failed because no connection could be made. */
  public final LongAdder connectFailures = new LongAdder();

  /** Attempts after the first one. */
  public final LongAdder retries = new LongAdder();

  /** Requests for which no endpoint was eligible. */
  public final LongAdder noHealthyHost = new LongAdder();

  /** Requests that no route matched. */
  public final LongAdder noRoute = new LongAdder();

  /** Requests whose route names a cluster that is not there. */
  public final LongAdder noCluster = new LongAdder();

  /** Requests that were too many for a cluster. */
  public final LongAdder overflows = new LongAdder();

  /** Requests that took longer than their route allows, or made no progress. */
  public final LongAdder timeouts = new LongAdder();

  /** Requests whose upstream connection ended before, or in the middle of, the response. */
  public final LongAdder upstreamResets = new LongAdder();

  /** Requests that the client gave up. */
  public final LongAdder clientResets = new LongAdder();

  /** Client connections. */
  public final LongAdder connections = new LongAdder();

  public HttpStats() {
    for (int i = 0; i < byClass.length; i++) {
      byClass[i] = new LongAdder();
    }
  }

  void responded(int status) {
    byClass[Math.clamp(status / 100, 0, 5)].increment();
  }

  /** Complete responses by the first digit of their status, 1..5. */
  public long responses(int statusClass) {
    return byClass[statusClass].sum();
  }
}
