package io.openneg.edgeproxy.tcp;

import java.util.concurrent.atomic.LongAdder;

/** What happened to forwarded connections since the start. Thread-safe. */
public final class TcpStats {

  /** Connections of clients that are open. */
  public final LongAdder active = new LongAdder();

  /** Connections that reached an endpoint. */
  public final LongAdder forwarded = new LongAdder();

  /** Attempts that failed because no connection to an endpoint could be made. */
  public final LongAdder connectFailures = new LongAdder();

  /** Connections for which no endpoint was eligible. */
  public final LongAdder noHealthyHost = new LongAdder();

  /** Connections whose cluster is not there. */
  public final LongAdder noCluster = new LongAdder();

  /** Connections that were too many for a cluster. */
  public final LongAdder overflows = new LongAdder();

  /** Connections that were cut because nothing has moved for too long. */
  public final LongAdder idleTimeouts = new LongAdder();

  /** Bytes from clients to endpoints. */
  public final LongAdder bytesUp = new LongAdder();

  /** Bytes from endpoints to clients. */
  public final LongAdder bytesDown = new LongAdder();
}
