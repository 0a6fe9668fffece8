package io.openneg.local.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A service's metrics at one moment, in Prometheus' text format. Immutable. */
final class Scrape {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String UP_TO = "_bucket{le=\"";

  private final Map<String, Double> values = new HashMap<>();

  private Scrape(String text) {
    text.lines()
        .filter(line -> !line.startsWith("#") && line.indexOf(' ') > 0)
        .forEach(
            line -> {
              int end = line.lastIndexOf(' ');
              String value = line.substring(end + 1);
              values.put(
                  line.substring(0, end),
                  "+Inf".equals(value) ? Double.POSITIVE_INFINITY : Double.parseDouble(value));
            });
  }

  /** Asks a service on this machine. */
  static Scrape of(int port) {
    try {
      return new Scrape(
          HTTP.send(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:%d/q/metrics".formatted(port)))
                      .timeout(Duration.ofSeconds(10))
                      .build(),
                  BodyHandlers.ofString())
              .body());
    } catch (IOException e) {
      throw new UncheckedIOException("no metrics on port " + port, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  static Scrape parse(String text) {
    return new Scrape(text);
  }

  /** How much all counters of a name have grown since an earlier scrape, whatever their labels. */
  double growth(String name, Scrape before) {
    return sum(name) - before.sum(name);
  }

  private double sum(String name) {
    return values.entrySet().stream()
        .filter(e -> e.getKey().equals(name) || e.getKey().startsWith(name + "{"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /**
   * The smallest bound of a histogram in seconds that at least this share of what was recorded
   * since an earlier scrape does not exceed; infinite when it is beyond the last bound.
   *
   * @throws IllegalStateException when nothing was recorded
   */
  double bound(String name, double share, Scrape before) {
    NavigableMap<Double, Double> grown = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(name + UP_TO)) {
            int from = name.length() + UP_TO.length();
            String bound = key.substring(from, key.indexOf('"', from));
            grown.put(
                "+Inf".equals(bound) ? Double.POSITIVE_INFINITY : Double.parseDouble(bound),
                value - before.values.getOrDefault(key, 0.0));
          }
        });
    if (grown.isEmpty() || grown.lastEntry().getValue() <= 0) {
      throw new IllegalStateException("nothing was recorded in " + name);
    }
    double wanted = share * grown.lastEntry().getValue();
    return grown.entrySet().stream()
        .filter(e -> e.getValue() >= wanted)
        .findFirst()
        .orElseThrow()
        .getKey();
  }
}
