package io.openneg.healthservice.probe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this process can reach anything at all: connects to addresses that are no targets, every
 * second and when asked. It passes when one of them can be reached. Thread-safe.
 */
public final class SelfCheck implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SelfCheck.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final List<Address> addresses;
  private final Runnable onResult;
  private final Semaphore wanted = new Semaphore(0);
  private final Thread thread =
      Thread.ofPlatform().name("self-check").daemon().unstarted(this::loop);
  private volatile Result last = new Result(System.nanoTime(), true);
  private volatile long failingSince = System.nanoTime();
  private volatile long lastPass = System.nanoTime();

  /** A host's name or address, and a port. */
  public record Address(String host, int port) {
    /**
     * @param text host:port, with brackets around an IPv6 address
     * @throws IllegalArgumentException when it is anything else
     */
    public static Address parse(String text) {
      int colon = text.lastIndexOf(':');
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (colon > 0 && port > 0 && port <= 65_535) {
          String host = text.substring(0, colon);
          boolean bracketed = host.startsWith("[") && host.endsWith("]");
          return new Address(bracketed ? host.substring(1, host.length() - 1) : host, port);
        }
      } catch (NumberFormatException _) {
        // The same answer.
      }
      throw new IllegalArgumentException("must be host:port, is '%s'".formatted(text));
    }
  }

  /**
   * @param startedNanos {@link System#nanoTime} at its start
   */
  private record Result(long startedNanos, boolean passed) {}

  /** What is known of this process since some moment. */
  public enum Since {
    PASSED,
    FAILED,
    /** No check that began since then has ended; one is on its way. */
    UNKNOWN
  }

  /**
   * @param addresses at least one
   * @param onResult called after each check; must not block
   */
  public SelfCheck(List<Address> addresses, Runnable onResult) {
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("the self-check needs an address");
    }
    this.addresses = List.copyOf(addresses);
    this.onResult = onResult;
  }

  public void start() {
    thread.start();
  }

  /**
   * When the first check began that failed after the last that passed; while all is well, the
   * newest.
   */
  public long failingSinceNanos() {
    return failingSince;
  }

  /** When the last check began that passed; at first when this was made. */
  public long lastPassNanos() {
    return lastPass;
  }

  /** Whether the newest check failed. */
  public boolean fails() {
    return !last.passed();
  }

  /**
   * What the first check that began after a moment says.
   *
   * @param nanos of {@link System#nanoTime}
   */
  public Since since(long nanos) {
    Result result = last;
    if (result.startedNanos() - nanos <= 0) {
      wanted.release();
      return Since.UNKNOWN;
    }
    return result.passed() ? Since.PASSED : Since.FAILED;
  }

  private void loop() {
    try {
      while (true) {
        long started = System.nanoTime();
        boolean passed = addresses.stream().anyMatch(SelfCheck::reaches);
        if (last.passed()) {
          failingSince = started;
        }
        if (passed) {
          lastPass = started;
        }
        last = new Result(started, passed);
        onResult.run();
        var _ = wanted.tryAcquire(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        wanted.drainPermits();
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  private static boolean reaches(Address address) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.host(), address.port()), (int) TIMEOUT.toMillis());
      return true;
    } catch (IOException e) {
      LOG.debug("{} cannot be reached: {}", address, e.toString());
      return false;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
